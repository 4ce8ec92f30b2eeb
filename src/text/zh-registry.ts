// 中文: the sentences and hints of registries and logins.
import type {
  ErrorCode,
  ErrorFacts,
  RegistryAt,
  RegistryPushProblem,
  RegistryReach,
  RegistryTrust,
} from '../errors.js';
import { shortDigest } from '../oci/digest.js';
import type { Catalogue } from './catalogue.js';
import type { registryErrors as en } from './en-registry.js';
import { loginCommand, programOf, registryOf } from './engine-commands.js';
import { formatBytes, formatDuration } from './format.js';
import { clause } from './zh-clauses.js';

const reach: Readonly<Record<RegistryReach, string>> = {
  name: '这里不认识它的名字',
  refused: '那里没有程序在监听',
  'no-route': '从这里没有通往它的路由',
  timeout: '它没有应答',
  proxy: '代理不放行 airgap',
  'no-proxy': '它前面的代理本身就连接不上',
  forward: '中间的主机不转发连接',
  beyond: '中间的主机连不上它',
  other: '连接失败',
};

const trust: Readonly<Record<RegistryTrust, string>> = {
  untrusted: '它的证书不是由这里信任的机构签发的',
  dates: '它的证书现在无效',
  'host-name': '它的证书属于另一个名字',
  'plain-http': '它不用 TLS 应答',
  'plain-https': '它要求 TLS，而请求没有使用',
  'client-certificate': '它要求客户端证书',
  handshake: 'TLS 协商失败',
};

const trustHint: Readonly<Record<RegistryTrust, (registry: string) => string>> = {
  untrusted: (registry) =>
    `把签发机构的证书放到 /etc/docker/certs.d/${registry}/ca.crt，或用 SSL_CERT_FILE 指定它的文件`,
  dates: () => '检查本机时钟（date）；如果时钟正确，请让对方更新证书',
  'host-name': () => '请使用证书里的名字作为镜像名里的仓库服务器',
  'plain-http': (registry) =>
    `如果本意如此，把 "${registry}" 写进 /etc/docker/daemon.json 的 insecure-registries：名字和镜像的传输将不受保护`,
  'plain-https': () => '在 daemon.json 里给该镜像站加上 https://',
  'client-certificate': (registry) =>
    `把它作为 client.cert 和 client.key 放到 /etc/docker/certs.d/${registry}`,
  handshake: () => '检查那里是不是仓库服务器，以及中间有什么：代理、旧的 TLS 版本',
};

const push: Readonly<Record<RegistryPushProblem, string>> = {
  'read-only': '它现在什么都不接收',
  format: '它不认识这种格式的镜像',
  immutable: '那里的这个名字不允许再次设置',
  'no-project': '没有这个项目或仓库，它也不会自动创建',
  full: '它的空间或配额已用完',
  'too-large': '它前面的代理不接收这么大的请求',
  digest: '收到的字节与发送的不同',
  'blob-unknown': '它缺少自己说有的数据块',
  moved: '它说那个名字是另一个镜像',
  other: '它给出了自己的理由',
};

const pushHint: Readonly<Record<RegistryPushProblem, string>> = {
  'read-only': '询问仓库服务器的管理者：它是镜像站，或正在清理',
  format: '请仓库服务器的管理者升级；如果它拒绝的是附加内容，则不用 --with-referrers',
  immutable: '换一个名字推送：IMAGE=NAME:TAG；或请仓库服务器的管理者允许设置该标签',
  'no-project': '请仓库服务器的管理者先创建，或推送到已有的项目下：REGISTRY/PROJECT，如 Harbor',
  full: '在那里腾出空间或提高配额，然后再次运行同一命令：已到达的会保留',
  'too-large': '请提高仓库服务器前面代理的限制（nginx：client_max_body_size）',
  digest: '再次运行同一命令；如果仍然如此，说明中间有什么改动了字节：换一条路推送（--through）',
  'blob-unknown': '重启仓库服务器，让它忘掉记错的内容，然后再次运行同一命令',
  moved: '这期间有别人设置了那个名字：再次运行同一命令',
  other: '它自己的日志说得更多',
};

const helped: Readonly<Record<ErrorFacts['CREDENTIAL_HELPER']['action'], string>> = {
  get: '没有给出登录信息',
  store: '没有保存登录信息',
  erase: '没有删除登录信息',
};

const reachHint: Readonly<Partial<Record<RegistryReach, string>>> = {
  proxy: '检查 HTTPS_PROXY、HTTP_PROXY 和 NO_PROXY，以及其中的用户名和密码',
  'no-proxy': '检查 HTTPS_PROXY、HTTP_PROXY 和 NO_PROXY',
  forward: '请把那台主机 sshd_config 的 AllowTcpForwarding 设为 yes，或从能访问仓库服务器的机器推送',
  beyond: '检查名字和端口、仓库服务器是否在那里运行，以及中间的主机是否认识该名字、能否连到它',
  refused: '检查端口，以及仓库服务器是否在那里运行',
};

interface Where {
  readonly registry: string;
  readonly at?: RegistryAt;
}

/** Whose failure it was. */
const who = ({ registry, at }: Where): string => {
  if (at === undefined) return registry;
  return at.kind === 'tokens' ? `${registry} 的令牌服务器 ${at.place}` : `${registry} 转到的 ${at.place}`;
};

const placeHint = ({ kind, place }: RegistryAt): string =>
  kind === 'tokens'
    ? `检查本机能否访问 ${place}；如果不该访问它，请询问仓库服务器的管理者：它的令牌服务器设置有误`
    : `检查本机能否访问 ${place}；如果不该访问它，请询问仓库服务器的管理者：它的对外地址或存储的重定向设置有误`;

/** What is trusted for a registry is trusted for where it sends us. */
const trustHintAt = (problem: RegistryTrust, registry: string, at: RegistryAt): string => {
  if (problem === 'untrusted')
    return `把签发机构的证书放进 /etc/docker/certs.d/${registry}/，与仓库服务器的证书并列，另存为一个 .crt，或用 SSL_CERT_FILE 指定它的文件`;
  if (problem === 'plain-http') return trustHint[problem](at.place.replace(/^https?:\/\//, ''));
  return problem === 'host-name' || problem === 'plain-https' ? placeHint(at) : trustHint[problem](registry);
};

const said = (detail: string): string => (detail === '' ? '' : `：${clause(detail)}`);

export const registryErrors: Pick<Catalogue['errors'], keyof typeof en & ErrorCode> = {
  CACHE_FULL: {
    message: (f) =>
      `本机 ${f.path} 没有空间存放下载中的 blob：需要 ${formatBytes(f.neededBytes)}，可用 ${formatBytes(f.freeBytes)}`,
    hint: () => '请腾出空间（airgap spool prune），或用 $XDG_CACHE_HOME 指定另一块盘上的文件夹',
  },
  CACHE_DENIED: {
    message: (f) => `存放下载中的 blob 的文件夹 ${f.path} 无法使用：${clause(f.problem)}`,
    hint: () => '让当前用户可以写入它，或用 $XDG_CACHE_HOME 指定另一个',
  },
  PULL_FAILED: {
    message: (f) => `${f.host} 上的 ${f.engine} 拉取 ${f.image} 失败：${clause(f.detail)}`,
    hint: (f) =>
      `那里没有改变任何东西；那台主机必须能访问并信任 ${registryOf(f.image)}，而且有权拉取：airgap mirror-config ${registryOf(f.image)} --for ${programOf(f.engine)} 给出所需的设置${loginCommand(f.engine, registryOf(f.image), ['，在那里用 ', ' 登录'])}`,
  },
  REGISTRY_UNREACHABLE: {
    message: (f) =>
      f.problem === 'beyond' && f.host !== undefined
        ? `${f.host} 无法连接 ${f.at?.place ?? f.registry}${said(f.detail)}`
        : `无法连接 ${who(f)}，${reach[f.problem]}${said(f.detail)}`,
    hint: (f) =>
      (f.at === undefined || f.problem !== 'refused' ? reachHint[f.problem] : undefined) ??
      (f.at === undefined ? undefined : placeHint(f.at)) ??
      '检查名字、端口和网络；没有外网的机器需要镜像站（docs/registries.md），或在能访问仓库服务器的地方制作离线包：airgap export',
  },
  REGISTRY_TLS: {
    message: (f) => `不能信任 ${who(f)}，${trust[f.problem]}${said(f.detail)}`,
    hint: (f) =>
      f.at === undefined ? trustHint[f.problem](f.registry) : trustHintAt(f.problem, f.registry, f.at),
  },
  REGISTRY_DENIED: {
    message: (f) => {
      const what = f.repository === '' ? f.registry : `${f.registry}/${f.repository}`;
      switch (f.problem) {
        case 'no-login':
          return f.action === 'push'
            ? `${f.registry} 只接收已登录用户的镜像，而这里没有它的登录${said(f.detail)}`
            : f.repository === ''
              ? `${what} 要求登录，而这里没有它的登录${said(f.detail)}`
              : `${what} 不对所有人开放，或者不存在${said(f.detail)}`;
        case 'wrong-login':
          return `${f.registry} 不接受这个用户名和密码${said(f.detail)}`;
        case 'expired':
          return `${f.registry} 的登录已过期${said(f.detail)}`;
        case 'forbidden':
          return f.action === 'push'
            ? `${f.registry} 不允许当前用户推送到 ${f.repository}${said(f.detail)}`
            : `${f.registry} 不允许当前用户读取 ${f.repository === '' ? '它' : f.repository}${said(f.detail)}`;
        case 'unasked':
          return `${f.registry} 拒绝了请求，但没有说明如何登录${said(f.detail)}`;
        case 'scheme':
          return `${f.registry} 要求使用 airgap 不认识的登录方式 ${(f.schemes ?? []).join('、')}${said(f.detail)}`;
      }
    },
    hint: (f) => {
      switch (f.problem) {
        case 'no-login':
          return f.repository === '' || f.action === 'push'
            ? `请登录：airgap login ${f.registry}`
            : `检查名字；如果是私有的，请登录：airgap login ${f.registry}`;
        case 'wrong-login':
          return `检查两者，然后重新登录：airgap login ${f.registry}`;
        case 'expired':
          return `请重新登录：airgap login ${f.registry}`;
        case 'forbidden':
          return f.action === 'push'
            ? `用有权推送的用户登录：airgap login ${f.registry}；或向仓库服务器的管理者申请权限`
            : '检查名字，并向仓库服务器的管理者申请权限';
        case 'unasked':
          return '检查该地址是不是仓库服务器，而不是拒绝请求的代理；并向其管理者询问如何登录';
        case 'scheme':
          return '请向仓库服务器的管理者申请用户名和密码或令牌登录：它必须要求 Basic 或 Bearer';
      }
    },
  },
  REGISTRY_LIMIT: {
    message: (f) =>
      `${who(f)} 收到的请求太多${f.seconds === undefined ? '' : `，${formatDuration(f.seconds * 1000)} 后才再接受`}`,
    hint: (f) =>
      `请等待后再次运行同一命令：已到达的内容会保留${f.at?.kind === 'elsewhere' ? '' : `。登录可提高限额：airgap login ${f.registry}`}`,
  },
  REGISTRY_ANSWER: {
    message: (f) => `${who(f)} 对 ${f.request} 的应答与预期不符：${clause(f.detail)}`,
    hint: (f) => (f.at === undefined ? '检查该地址是不是仓库服务器，而不是代理或登录页面' : placeHint(f.at)),
  },
  REGISTRY_FAILED: {
    message: (f) =>
      f.seconds === undefined
        ? `多次请求后，${who(f)} 仍未完成 ${f.request}：${clause(f.detail)}`
        : `${who(f)} 未完成 ${f.request}：${clause(f.detail)}；它让人 ${formatDuration(f.seconds * 1000)} 后再来`,
    hint: () => '稍后再次运行同一命令：已到达的内容会保留。原因在它自己的日志里',
  },
  REGISTRY_REDIRECT: {
    message: (f) => {
      switch (f.problem) {
        case 'scheme':
          return `${f.registry} 让 airgap 从 TLS 转到没有 TLS 的 ${f.to}`;
        case 'realm':
          return `${f.registry} 要求把密码不经 TLS 发到 ${f.to}`;
        case 'too-many':
          return `${f.registry} 不断让 airgap 转向，最后到 ${f.to}`;
        case 'address':
          return `${f.registry} 让 airgap 转到的不是网址：${f.to}`;
      }
    },
    hint: (f) =>
      f.problem === 'too-many'
        ? '请询问仓库服务器的管理者：它的对外地址设置有误，或有人在中间'
        : '没有向那里发送任何内容。请询问仓库服务器的管理者：它的对外地址设置有误，或有人在中间',
  },
  REGISTRY_PUSH: {
    message: (f) =>
      `${f.registry} 没有接收 ${f.repository}@${shortDigest(f.digest)}，${push[f.problem]}${said(f.detail)}`,
    hint: (f) =>
      f.problem === 'immutable' && f.bundle !== undefined
        ? '把离线包推送到另一个路径下（--prefix PATH），或从离线包的文件夹里单独推送该镜像（oci:FOLDER:NAME=OTHER）；或请仓库服务器的管理者允许设置该标签'
        : pushHint[f.problem],
  },
  PUSH_BASE_MISSING: {
    message: (f) =>
      `${f.registry} 缺少离线包 ${f.bundle} 为 ${f.image} 省略的 ${f.layers.length} 层：${f.layers.map(shortDigest).join('、')}`,
    hint: () =>
      '先推送它所依据的离线包（airgap push BASE REGISTRY），或制作包含全部内容的离线包：airgap export DEST IMAGE…，不带 --base 和 --for',
  },
  REGISTRY_BLOCKED: {
    message: (f) => `${f.registry} 在 ${f.path} 里被禁止`,
    hint: () => '请从别的仓库服务器取镜像，或询问该文件的维护者',
  },
  REGISTRY_CONFIG: {
    message: (f) =>
      `${f.variable === undefined ? '' : `${f.variable}=`}${f.path} 无法使用：${clause(f.problem)}`,
    hint: (f) =>
      f.variable === undefined
        ? '请改正该文件；docker 和 podman 读的是同一个'
        : f.variable === 'SSL_CERT_FILE'
          ? '请把 SSL_CERT_FILE 设为证书文件（PEM），或取消设置'
          : `请把 ${f.variable} 设为 http://HOST:PORT，或取消设置`,
  },
  CREDENTIAL_HELPER: {
    message: (f) =>
      `${f.program} ${helped[f.action]}：${clause(f.problem)}${(f.gone ?? []).map((place) => `；${place} 里的已删除`).join('')}`,
    hint: (f) =>
      `${f.isMissing === true ? '请安装它' : '请检查它本身能否工作'}，或从 ${f.path} 的 credsStore 和 credHelpers 里去掉它`,
  },
};

export const registry: Catalogue['words']['registry'] = {
  mirror: (registry, endpoint) => `${registry} 从它的镜像站 ${endpoint} 读取`,
  mirrorFailed: (endpoint, why) => `跳过镜像站 ${endpoint}：${why}`,
  insecure: (endpoint) =>
    `按 daemon.json 或 registries.conf 的设置读取 ${endpoint}，不验证应答者的身份；摘要仍会检查`,
  lowLimit: (registry, remaining, limit) =>
    `${registry} 目前只再接受 ${remaining}${limit === undefined ? '' : `/${limit}`} 个请求`,
  waiting: (registry, ms, why) => `${registry}：${clause(why)}；${formatDuration(ms)} 后再试`,
  tooMany: '请求太多',
  cut: '连接被切断',
  gone: '那里现在无人应答',
  silent: '一分钟没有收到任何字节',
  tooManyAttached: (n) => `附在一个镜像上的超过 ${n} 个，或列表没有尽头`,
  lostUpload: '它一再丢失上传',
};
