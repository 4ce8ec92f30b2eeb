// 中文: the sentence and the hint of every error code. One clause, no full stop; the hint says what to do.

import type { ErrorFacts } from '../errors.js';
import { shortDigest } from '../oci/digest.js';
import type { Catalogue } from './catalogue.js';
import { logCommand, pruneCommand } from './engine-commands.js';
import {
  containerLister,
  isContainer,
  isEngine,
  isRegistry,
  packagePrograms,
  serviceOf,
  telltalePort,
  transportPrefix,
} from './error-facts.js';
import { formatBytes } from './format.js';
import { bundleErrors } from './zh-bundle-errors.js';
import { clause } from './zh-clauses.js';
import { registryErrors } from './zh-registry.js';
import { documentProblems, sourceProblem } from './zh-source-problems.js';

const list = (words: readonly string[]): string => words.join('、');
const tail = (words: readonly string[], lead: string): string =>
  words.length === 0 ? '' : `；${lead} ${list(words)}`;
const again = '再次运行同一命令：已到达的内容会保留，只传输其余部分';
const damagedSource = '来源已损坏：请重新拉取、构建或复制镜像，然后重试';
const unknownMaker = '除非知道是谁制作的，不要使用这个';

/** `端口 22` where the host was named as it is reached, `地址 user@10.0.0.7:22` where that says more. */
function where(host: string, address: string): string {
  const port = telltalePort(host, address);
  return port === undefined ? `地址 ${address}` : `端口 ${port}`;
}

const referenceProblems: Readonly<Record<string, string>> = {
  digest: '@ 后面不是 sha256: 和 64 位十六进制数字',
  tag: '标签只能有字母、数字和 _ . -，最多 128 个字符',
  id: '单独的 64 位十六进制数字是 ID，不是名字；请写成 sha256:…',
  registry: '仓库服务器不是主机名',
  uppercase: '仓库名用小写',
  repository: '仓库名只能有小写字母和数字，中间可有 . _ -',
  path: '缺少文件或文件夹',
  colons: '有两个冒号，而只有仓库服务器可以带端口',
  algorithm: '引擎把 sha256:… 当作 ID，所以它不能作名字',
  address: '引擎不接受以 IPv6 地址作名字中的仓库服务器',
  length: '名字超过 255 个字符',
  login: '用户名和密码不属于名字',
  container: 'container: 后面不是容器的名字或 ID',
};

const referenceHints: Readonly<Record<string, string>> = {
  path: '请写成 docker-archive:FILE[:NAME]、oci-archive:FILE[:NAME] 或 oci:FOLDER[:NAME]',
  login: '请只写名字，并登录：airgap login REGISTRY',
  address: '请给仓库服务器一个主机名，或给镜像另一个名字：IMAGE=NAME',
};

const placeHints: Readonly<Record<NonNullable<ErrorFacts['REFERENCE_INVALID']['of']>, string>> = {
  registry:
    '请写成 HOST[:PORT] 或 HOST[:PORT]/PREFIX，例如 registry.lan 或 registry:5000/team：没有点的名字要写端口',
  host: '请写成不带路径的 HOST[:PORT]，例如 registry.lan 或 registry:5000：没有点的名字要写端口',
  prefix: '请写成路径，例如 mirror 或 site/mirror',
};

export const errors: Catalogue['errors'] = {
  USAGE: {
    message: (f) => f.problem,
    hint: (f) =>
      f.hint !== undefined
        ? f.hint
        : f.command === undefined
          ? '运行 airgap --help，或 airgap COMMAND --help 查看示例'
          : `运行 airgap ${f.command} --help 查看示例`,
  },
  REFERENCE_INVALID: {
    message: (f) => {
      const wanted = f.of === undefined ? '镜像名' : f.of === 'prefix' ? '前缀' : '仓库服务器';
      const what = `“${f.input}”不是${wanted}`;
      return f.of !== undefined && f.problem === 'registry'
        ? what
        : `${what}：${referenceProblems[f.problem] ?? f.problem}`;
    },
    hint: (f) =>
      f.of !== undefined && f.problem !== 'login'
        ? placeHints[f.of]
        : (referenceHints[f.problem] ?? '请写成 NAME[:TAG]，例如 nginx:1.27 或 registry.lan/team/app:2'),
  },
  PLATFORM_INVALID: {
    message: (f) => `“${f.input}”不是平台`,
    hint: () => '请写成 os/arch[/variant]，例如 linux/amd64 或 linux/arm/v7',
  },
  RATE_INVALID: {
    message: (f) => `“${f.input}”不是速率`,
    hint: () => '请写每秒的字节数和单位，例如 2MB、500kB，或用比特写成 20Mbit',
  },
  HOST_INVALID: {
    message: (f) => `“${f.input}”不是主机`,
    hint: () => '请写成 [user@]host[:port]、ssh://user@host:port，或 ~/.ssh/config 里的别名',
  },
  STORE_UNKNOWN: {
    message: (f) => `airgap 不能从“${f.transport}:”读取镜像`,
    hint: (f) =>
      f.transport.startsWith('nerdctl-')
        ? 'nerdctl 的写法是 containerd-container+default:NAME、containerd-compose+default:FILE 和 containerd-running+default:'
        : f.near !== undefined && f.near.length > 0
          ? `您是指 ${list(f.near)} 吗？`
          : `可用的有 ${list(f.known.map(transportPrefix))}；不写前缀就是 docker-daemon:`,
  },
  PROMPT_REFUSED: {
    message: (f) => `${f.isWord === true ? '没有人回答' : '没有人同意'}：${f.question}`,
    hint: (f) => `请在终端里回答，或加上 ${f.flag}`,
  },
  RECEIPT_UNKNOWN: {
    message: (f) => `没有回执 ${f.wanted}`,
    hint: () => '运行 airgap receipts 查看所有回执，或指定回执文件：airgap receipts show ./FILE',
  },
  RECEIPT_INVALID: {
    message: (f) => `“${f.path}”不是回执：${documentProblems[f.problem](f.detail)}`,
    hint: () => '请指定以 -receipt.json 结尾的文件，导入时写在 airgap-returns 里',
  },
  IMAGE_UNKNOWN: {
    message: (f) => `${f.store} 里没有${isContainer(f.image) ? '' : '镜像'} ${f.image}`,
    hint: (f) => {
      const lister = isContainer(f.image) ? containerLister(f.image, f.store) : 'airgap images';
      if (f.near.length > 0)
        return `您是指 ${list(f.near)} 吗？${isEngine(f.store) ? `用 ${lister} 列出全部` : ''}`;
      if (isRegistry(f.store)) return '检查仓库名和标签，以及它是否已推送到那里';
      return isEngine(f.store)
        ? `运行 ${lister} 查看有哪些`
        : `如果里面只有一个镜像，不要写名字：airgap inspect ${f.store}`;
    },
  },
  LAYER_UNKNOWN: {
    message: (f) => `${f.image} 没有第 ${f.layer} 层；它共有 ${f.count} 层`,
    hint: () => '运行 airgap inspect IMAGE 查看各层：写出序号，或 diffID 的前几位',
  },
  IMAGE_AMBIGUOUS: {
    message: (f) => `${f.source} 里有 ${f.names.length} 个镜像，而没有指定哪一个`,
    hint: (f) => `请指定一个：${list(f.names.slice(0, 5).map((name) => `${f.source}:${name}`))}`,
  },
  IMAGE_INCOMPLETE: {
    message: (f) => `${f.image} 不完整：存储中缺少 ${f.missing}`,
    hint: () => '请重新拉取或构建镜像，然后重试',
  },
  PLATFORM_MISSING: {
    message: (f) => `${f.image} 没有 ${f.wanted}${tail(f.found, '它有')}`,
    hint: (f) =>
      f.found.length > 0
        ? `用 --platform ${f.found[0]} 选择一个${f.pull === undefined ? '' : `，或把另一个也拉取到这里：${f.pull}`}`
        : f.pull === undefined
          ? '请拉取该平台的镜像，然后重试'
          : `请先拉取到这里，然后重试：${f.pull}`,
  },
  ENGINE_MISSING: {
    message: (f) => `本机没有 ${f.engine} 程序`,
    hint: () =>
      '请安装它，或从别处读取：containers-storage:NAME（podman）、podman-container:NAME、podman-compose:FILE、containerd:NAME、containerd-container:ID、docker-archive:FILE、oci-archive:FILE、oci:FOLDER',
  },
  ENGINE_UNREACHABLE: {
    message: (f) => `本机的 ${f.engine} 没有应答：${clause(f.detail)}`,
    hint: (f) =>
      f.engine === 'containerd'
        ? `启动它（systemctl start ${serviceOf(f.engine)}），或用 CONTAINERD_ADDRESS 指定它的套接字`
        : `启动它（systemctl start ${f.engine}），或检查 DOCKER_HOST 和 docker context ls`,
  },
  ENGINE_DENIED: {
    message: (f) => `本机的 ${f.engine} 拒绝这个用户：${clause(f.detail)}`,
    hint: (f) =>
      f.engine === 'containerd' ? '用 sudo 运行 airgap' : '用 sudo 运行 airgap，或加入 docker 组后重新登录',
  },
  ENGINE_ANSWER: {
    message: (f) => `${f.command} 在本机失败：${clause(f.detail)}`,
    hint: () => '手动运行该命令查看完整的信息',
  },
  DIGEST_INVALID: {
    message: (f) => `${clause(f.where)} 里的“${f.input}”不是 sha256 摘要`,
    hint: () => '来源已损坏，或由 airgap 不认识的工具制作；请重新导出',
  },
  DIGEST_MISMATCH: {
    message: (f) => `${clause(f.what)} 与摘要不符：实际为 ${shortDigest(f.got)}，应为 ${shortDigest(f.want)}`,
    hint: () => damagedSource,
  },
  SIZE_MISMATCH: {
    message: (f) => `${clause(f.what)} 的大小不对：实际为 ${f.got} 字节，应为 ${f.want} 字节`,
    hint: () => damagedSource,
  },
  DOCUMENT_INVALID: {
    message: (f) => `${f.what} 不符合规范：${sourceProblem(f.problem)}`,
    hint: () => '来源已损坏，或由 airgap 不认识的工具制作；请重新导出',
  },
  DOCUMENT_TOO_LARGE: {
    message: (f) => `${f.what} 大于 ${formatBytes(f.limitBytes)}，没有真实的镜像需要这么大`,
    hint: () => `${unknownMaker}来源`,
  },
  LAYER_UNSUPPORTED: {
    message: (f) => `${f.what} 有不能携带的层：${f.mediaType}`,
    hint: () => '外部层和加密的层留在仓库服务器上：请用另一个基础镜像构建',
  },
  LAYOUT_INVALID: {
    message: (f) => `${f.path} 不是 OCI 布局：${sourceProblem(f.problem)}`,
    hint: () => '请指定含有 oci-layout 和 index.json 的文件夹',
  },
  ARCHIVE_INVALID: {
    message: (f) => `${f.path} 不是镜像归档：${sourceProblem(f.problem)}`,
    hint: () =>
      '请用 docker save、podman save 或 skopeo copy 制作，写成 docker-archive:FILE 或 oci-archive:FILE',
  },
  ARCHIVE_TRUNCATED: {
    message: (f) => `${f.path} 不完整，结束得太早`,
    hint: () => '复制被中断：请重新复制或导出归档，然后重试',
  },
  ARCHIVE_HOSTILE: {
    message: (f) => `${f.path} 里有“${f.entry}”，正常的归档不会有：${sourceProblem(f.problem)}`,
    hint: () => `${unknownMaker}归档`,
  },
  ARCHIVE_BOMB: {
    message: (f) => `${f.path} 解压后超过 ${formatBytes(f.limitBytes)}，远大于它自身的大小`,
    hint: () => `${unknownMaker}归档`,
  },
  SOURCE_GONE: {
    message: (f) => `${f.source} 在读取时消失了：${clause(f.detail)}`,
    hint: () => '检查镜像是否还在，再次运行同一命令',
  },
  SPOOL_FULL: {
    message: (f) =>
      `本机的缓存区 ${f.path} 空间不足：需要 ${formatBytes(f.neededBytes)}，剩余 ${formatBytes(f.freeBytes)}`,
    hint: () => '腾出空间（airgap spool prune），或用 --spool DIR 指定另一个文件夹',
  },
  SPOOL_BUSY: {
    message: (f) => `另一个 airgap（进程 ${f.pid}）正在向 ${f.path} 写入同一层`,
    hint: () => '等它结束，再次运行同一命令，或用 --spool DIR 指定别处',
  },
  SPOOL_DAMAGED: {
    message: (f) => `缓存区 ${f.path} 已损坏：${clause(f.problem)}`,
    hint: () => '运行 airgap spool prune --all，然后重试',
  },
  SPOOL_DENIED: {
    message: (f) => `缓存区 ${f.path} 不能写入：${clause(f.problem)}`,
    hint: () => '用 --spool DIR 指定该用户可以写入的文件夹，或检查 $HOME 和 $XDG_CACHE_HOME',
  },
  STATE_DENIED: {
    message: (f) => `存放回执和锁的文件夹 ${f.path} 不能写入：${clause(f.problem)}`,
    hint: () => '让该用户可以写入它，或用 $XDG_STATE_HOME 指定另一个',
  },
  TARGETS_INVALID: {
    message: (f) => `无法从 ${f.path} 读出添加的主机和文件夹：${clause(f.problem)}`,
    hint: (f) => `请修好这个文件，或删除它后重新添加：rm ${f.path}`,
  },
  CODEC_FAILED: {
    message: (f) => `${f.codec} 失败：${clause(f.detail)}`,
    hint: () => '加上 --compress none 重试；如果成功，请报告此问题',
  },
  PROGRAM_MISSING: {
    message: (f) => `本机没有程序 ${f.program}`,
    hint: (f) =>
      packagePrograms[f.program] === undefined
        ? `请安装 ${f.program}，或换一种方式（airgap send --help）`
        : `请安装它：Debian 上用 apt-get install ${packagePrograms[f.program]}，其他系统安装同名软件包`,
  },
  HOST_UNKNOWN: {
    message: (f) => `没有叫 ${f.address} 的机器${f.host === f.address ? '' : `（${f.host}）`}`,
    hint: () => '检查拼写、/etc/hosts 和 ~/.ssh/config；airgap hosts 列出已知的主机',
  },
  HOST_REFUSED: {
    message: (f) => `${f.host} 不接受 SSH 连接（${where(f.host, f.address)}）`,
    hint: () => '检查那里的 sshd 是否在运行，端口和防火墙是否正确（-p PORT）',
  },
  HOST_TIMEOUT: {
    message: (f) => `${f.host} 在 ${f.seconds} s 内没有应答（${clause(f.during)}）`,
    hint: () => '检查网线、地址和防火墙，再次运行同一命令',
  },
  HOST_KEY_UNKNOWN: {
    message: (f) => `还不认识 ${f.host}：它的 ${f.keyType} 密钥是 ${f.fingerprint}`,
    hint: () =>
      '在那台机器上用 ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub 核对，然后在终端里运行以接受它，或加上 --accept-new-host-key',
  },
  HOST_KEY_CHANGED: {
    message: (f) =>
      `${f.host} 出示的密钥与 ${f.file} 第 ${f.line} 行已知的不同：${f.keyType} ${f.fingerprint}`,
    hint: (f) =>
      `可能有人在中间。请询问那台机器的管理者；如果重装过系统，删除 ${f.file} 的第 ${f.line} 行后重新连接`,
  },
  HOST_KEY_REVOKED: {
    message: (f) => `${f.host} 的密钥在 ${f.file} 第 ${f.line} 行被吊销：${f.keyType} ${f.fingerprint}`,
    hint: () => '不要连接；请询问那台机器的管理者',
  },
  SSH_AUTH_FAILED: {
    message: (f) => `${f.host} 不让 ${f.user} 登录${tail(f.tried, '已尝试')}`,
    hint: (f) =>
      `请手动试 ssh ${f.host}；用 -i KEY 指定密钥，用 user@host 指定另一个用户，证书和安全密钥用 --ssh openssh`,
  },
  SSH_KEY_UNREADABLE: {
    message: (f) => `私钥不能使用：${clause(f.problem)}`,
    hint: () => '检查 -i 或 IdentityFile 指定的文件，以及它的密钥口令',
  },
  SSH_UNSUPPORTED: {
    message: (f) => `${f.host} 要求的功能内置的 SSH 没有：${clause(f.problem)}`,
    hint: () => '加上 --ssh openssh 重试，它使用本机的 ssh 程序',
  },
  SSH_CONFIG_INVALID: {
    message: (f) => `${f.path} 不能使用：${clause(f.problem)}`,
    hint: (f) =>
      f.path === '-o'
        ? '-o 请用 man ssh_config 里的选项；只有 ssh 程序认识的选项，加上 --ssh openssh 重试'
        : '请改正该文件，或用 -F FILE 指定另一个（-F none 表示不用）',
  },
  SSH_LOST: {
    message: (f) => `与 ${f.host} 的连接断开了：${clause(f.detail)}`,
    hint: () => `检查网线和网络，然后${again}`,
  },
  CHANNEL_REFUSED: {
    message: (f) => `${f.host} 不允许在这个连接上再开会话`,
    hint: () => '增大那里 sshd_config 的 MaxSessions，或等其他会话结束',
  },
  FAR_ENGINE_MISSING: {
    message: (f) =>
      f.others?.[0] === undefined
        ? `${f.host} 上没有容器引擎${tail(f.looked, '找过')}`
        : `${f.host} 上没有 ${f.looked.join('、')}；那里有 ${f.others.join('、')}`,
    hint: (f) =>
      f.others?.[0] !== undefined
        ? `请加上 --engine ${f.others[0]} 重试`
        : '请在那里安装 docker 或 podman，或用 --engine 指定引擎；airgap doctor HOST 说明找到了什么',
  },
  FAR_ENGINE_DOWN: {
    message: (f) => `${f.host} 上的 ${f.engine} 没有应答：${clause(f.detail)}`,
    hint: (f) => {
      if (f.engine.startsWith('podman')) return '登录那台机器，运行 podman info：它必须有应答';
      const start = `请在那里启动它：systemctl start ${serviceOf(f.engine)}`;
      return f.other === undefined ? start : `${start}；或用 --engine ${f.other} 加载到 ${f.other}`;
    },
  },
  FAR_ENGINE_DENIED: {
    message: (f) => `${f.host} 上的 ${f.engine} 拒绝 ${f.user}，而 sudo 需要密码`,
    hint: (f) =>
      f.engine === 'docker'
        ? `在终端里运行以便输入密码，或在那里把 ${f.user} 加入 docker 组：usermod -aG docker ${f.user}`
        : '在终端里运行以便输入密码，或以 root 登录那里',
  },
  FAR_ENGINE_UNSUPPORTED: {
    message: (f) => `${f.host} 上的 ${f.engine} 不能使用：${clause(f.problem)}`,
    hint: () => 'airgap doctor HOST 说明找到了什么；用 --engine 选择另一个',
  },
  FAR_SUDO_DENIED: {
    message: (f) => `${f.host} 上的 sudo 拒绝：${clause(f.problem)}`,
    hint: () => '检查密码，以及 sudo 是否让该用户在那里运行引擎',
  },
  FAR_TOOL_MISSING: {
    message: (f) => `${f.host} 缺少 airgap 在那里需要的 ${f.tool}`,
    hint: (f) =>
      f.tool === 'zstd' || f.tool === 'gzip'
        ? `请在那里安装 ${f.tool}，或去掉 --compress，使用那台机器能读的方式`
        : '它属于每个常见系统（coreutils、busybox）；检查该用户的 PATH',
  },
  FAR_ANSWER: {
    message: (f) => `${f.host} 对 ${f.command} 的应答与预期不符：${clause(f.problem)}`,
    hint: (f) => `检查 ssh ${f.host} true 是否什么都不打印（登录脚本可能打印文字），然后重试`,
  },
  FAR_SILENT: {
    message: (f) => `${f.host} 已有 ${f.seconds} s 没有任何消息（${f.command}）`,
    hint: () => `检查那台机器的负载，然后${again}`,
  },
  FAR_FAILED: {
    message: (f) => `${f.command} 在 ${f.host} 上失败，退出码 ${f.exitCode}：${clause(f.detail)}`,
    hint: () => 'airgap doctor HOST 说明那台机器的状态',
  },
  STAGE_BUSY: {
    message: (f) => `${f.host} 上的暂存目录 ${f.stage} 正被 ${clause(f.owner)} 使用`,
    hint: () => '等它结束，或用 --stage DIR 指定另一个目录',
  },
  STAGE_DENIED: {
    message: (f) => `${f.host} 不能写入暂存目录 ${f.stage}：${clause(f.detail)}`,
    hint: () => '用 --stage DIR 指定该用户可以写入的目录',
  },
  STAGE_DAMAGED: {
    message: (f) => `${f.host} 的暂存目录里，层 ${shortDigest(f.layer)} 的分段 ${f.segment} 变了`,
    hint: () => '没有装入其中任何内容；再次运行同一命令，若再次发生请检查那台机器的磁盘',
  },
  RUN_BUSY: {
    message: (f) => `另一个 airgap（进程 ${f.pid}）正从本机向 ${f.host} 传输`,
    hint: () => '等它结束，再次运行同一命令',
  },
  TARGET_FULL: {
    message: (f) =>
      `${f.host} 的 ${f.path} 空间不足${f.neededBytes === undefined ? '' : `：需要 ${formatBytes(f.neededBytes)}`}${f.freeBytes === undefined ? '' : `，剩余 ${formatBytes(f.freeBytes)}`}`,
    hint: (f) => `在那里腾出空间${pruneCommand(f.engine, ['（', '）'])}，或用 --stage DIR 指定另一个目录`,
  },
  TARGET_PLATFORM: {
    message: (f) => `${f.image} 是给 ${f.imagePlatform} 的，${f.host} 是 ${f.hostPlatform}`,
    hint: (f) => `请用 ${f.hostPlatform} 的镜像，或加上 --platform ${f.imagePlatform} 仍然传输它`,
  },
  NAME_TAKEN: {
    message: (f) => `${f.host} 上已有另一个叫 ${f.name} 的镜像`,
    hint: (f) =>
      f.bundle === undefined
        ? '去掉 --no-clobber 就会移动这个名字，或用 IMAGE=NAME 另取名字'
        : '去掉 --no-clobber 就会移动这个名字；或把离线包推送到另一个路径下（--prefix PATH），或从离线包的文件夹里单独推送该镜像（oci:FOLDER:NAME=OTHER）',
  },
  LOAD_REJECTED: {
    message: (f) => `${f.host} 上的引擎没有接受 ${f.image}：${clause(f.detail)}`,
    hint: (f) =>
      `那里没有改变任何东西；查看它的日志${logCommand(f.engine, ['（', '）'])}和 airgap doctor HOST`,
  },
  VERIFY_FAILED: {
    message: (f) =>
      `${f.host} 上的 ${f.image} 与所传输的不同：${clause(f.what)} 是 ${clause(shortDigest(f.got))}，应为 ${clause(shortDigest(f.want))}`,
    hint: () => '没有在那里给它设名字；再次运行同一命令，若再次发生请检查那台机器的磁盘',
  },
  ...bundleErrors,
  ...registryErrors,
  HOSTS_FAILED: {
    message: (f) => `${f.total} 台主机中 ${f.failed} 台失败`,
    hint: () => '对失败的主机再次运行同一命令：已到达的内容会保留',
  },
  CANCELLED: {
    message: () => '已停止',
    hint: (f) => (f.resumable ? '运行同一命令即可续传：已到达的内容会保留' : '没有改变任何东西'),
  },
};
