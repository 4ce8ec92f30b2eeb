// 中文: what is said about bundle.yaml, compose files and package folders.
import type { Catalogue } from './catalogue.js';
import { formatBytes } from './format.js';

const value = (got: unknown): string => {
  if (got === undefined) return '没有内容';
  if (got === null) return '空值';
  if (Array.isArray(got)) return '列表';
  if (typeof got === 'object') return '映射';
  const text = JSON.stringify(got) ?? typeof got;
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
};

const below = '本文件所在文件夹下的路径';

/** What is wanted at a path, digits of lists left out. */
const wants: Readonly<Record<string, string>> = {
  '': '由键组成的映射，例如 name 和 images',
  name: '1 到 64 个 a-z 0-9 . _ - 字符，以字母或数字开头',
  images: '镜像的列表',
  'images[]': '镜像，例如 nginx:1.27，或带有 from 的映射',
  'images[].from': '镜像，例如 nginx:1.27',
  'images[].as': '镜像名，例如 registry.lan/web/nginx:1.27',
  'images[].platform': '平台，例如 linux/amd64；也可以是多个平台的列表，或写 all',
  'images[].platform[]': '平台，例如 linux/amd64',
  compose: 'compose 文件的列表',
  'compose[]': below,
  files: '由带有 from 和 to 的映射组成的列表',
  'files[]': '带有 from 和 to 的映射',
  'files[].from': below,
  'files[].to': '绝对路径，由字母、数字和 . _ + @ ~ : - / 组成',
  'files[].mode': '带引号的四位八进制数字，例如 "0644"',
  repos: '由带有 from 的映射组成的列表',
  'repos[]': '带有 from 的映射',
  'repos[].from': `${below}，以 .repo、.list 或 .sources 结尾`,
  'repos[].baseurl': '以 http://、https://、ftp:// 或 file:// 开头的地址',
  'repos[].gpgkey': below,
  packages: '文件夹的列表',
  'packages[]': below,
  daemon: 'JSON 能表示的设置的映射',
  push: '映射：从镜像名称（例如 nginx:1.27）到仓库里的名称',
  'push[]': '名称，例如 web/nginx:1.27',
  targets: '主机的列表',
  'targets[]': '不含空格和逗号的主机',
};

export const spec: Catalogue['words']['spec'] = {
  keys: {
    name: '离线包的名字',
    images: '要带的镜像',
    'images[].from': '镜像的来源，写法与命令行相同',
    'images[].as': '镜像在那里的名字',
    'images[].platform': '来源有多个平台时要取的平台；多个平台可写成列表或用逗号隔开，或写 all',
    compose: 'compose 文件：其中的所有镜像，以及文件本身',
    files: '要放到主机上的文件',
    'files[].from': 'bundle.yaml 旁边的文件',
    'files[].to': '在那里的位置',
    'files[].mode': '在那里的权限，不写则为 0644',
    repos: '软件库文件；按那里的发行版选择目录',
    'repos[].from': '.repo、.list 或 .sources 文件',
    'repos[].baseurl': '替换文件中的协议和主机（或更多）；路径不变',
    'repos[].gpgkey': '软件库的签名密钥，一起带上',
    packages: '.deb 或 .rpm 文件的文件夹，每个都作为本地软件库',
    daemon: '合并到 /etc/docker/daemon.json 的设置',
    push: '镜像在仓库里的名称，按镜像自己的名称给出',
    targets: '没有指定主机时 airgap send 的目标主机',
  },
  tooLarge: (bytes) => `它大于 ${formatBytes(bytes)}`,
  notUtf8: '它不是 UTF-8',
  tooDeep: '它嵌套太深',
  tag: '那里有一个标签（以 ! 开头的词），而没有已知的标签',
  aliases: '别名（以 * 开头的词）指回自己，或展开得太大',
  key: '有一个键不是普通的词',
  notYaml: (detail) => `它不是 YAML：${detail}`,
  unknownKey: (key, where, near, known) =>
    `${where === '' ? '没有键' : `${where} 没有键`} ${key}；${near.length > 0 ? `您是指 ${near.join('、')} 吗？` : `可用的有 ${known.join('、')}`}`,
  missingKey: (key, where) => `${where === '' ? '' : `${where}：`}缺少键 ${key}`,
  wrong: (key, got, path) =>
    `${key === '' ? '' : `${key}：`}实际为 ${value(got)}，应为 ${wants[path] ?? '其他内容'}`,
  empty: '它没有写要带什么：没有 images、compose、files、repos、packages 或 daemon',
  leavesFolder: (from) => `${from} 指向本文件所在文件夹之外`,
  noFile: '没有这个文件',
  notThere: (from) => `没有文件或文件夹 ${from}`,
  notFile: (from) => `${from} 不是文件`,
  notFolder: (from) => `${from} 不是文件夹`,
  twice: (key, what) => `${key}：${what} 出现了两次`,
  composeTarget: (from) => `${from} 的文件名在那里无法保留；请用字母、数字和 . _ + ~ -`,
  setName: (from) => `${from} 的名字不能作为软件包集的名字；请用 a-z 0-9 . _ -`,
  notLock: '它不是 airgap 写的锁文件',
  unreadable: (detail) => `无法读取：${detail}`,
  pushUnused: (name) => `push：本次运行没有名为 ${name} 的镜像`,
  compose: {
    noServices: '里面没有 services',
    services: 'services 不是由映射组成的映射',
    include: '它包含其他文件，其中的镜像不会读取；请逐个写成 compose:FILE',
    extends: (service) => `服务 ${service} 扩展另一个服务，自己没有写镜像`,
    build: (service) => `服务 ${service} 有 build 而没有 image；请给它写上镜像名，并先构建`,
    noImage: (service) => `服务 ${service} 没有写镜像`,
    notText: (service, key) => `服务 ${service} 的 ${key} 不是一个词`,
    variable: (service, name) =>
      `服务 ${service} 的镜像需要变量 ${name}；请写上默认值，例如 \${${name}:-1.0}`,
    badVariable: (service) => `服务 ${service} 有无法读懂的变量`,
    platform: (service, got) => `服务 ${service} 的平台是“${got}”`,
    asMany: (source) => `${source} 可能包含多个镜像，不能只给一个名字`,
  },
  packages: 'airgap send 不能带软件包；请用 airgap export',
  noSelection: (source) =>
    `${source} 选不出任何镜像；只有 containerd-running+NAMESPACE: 和 containerd-compose+NAMESPACE:FILE 带命名空间，running:、podman-running: 和 containerd-running: 后面不写任何内容`,
  movedOn: (container, image) =>
    `容器 ${container} 运行的镜像已不再叫 ${image}，在这里也没有别的名字；请给它打标签，或重建容器`,
  madeOtherwise: (container, image) =>
    `容器 ${container} 的启动方式与 ${image} 所写的不同（命令、变量、用户或标签不同，或早于其构建时间）：它运行的可能是 ${image} 以前所指的镜像，也可能是手工改过启动方式；请直接写镜像名`,
  noSnapshot: (container) => `容器 ${container} 在 containerd 里没有快照（它是用文件夹建的），下面没有镜像`,
  noSnapshotOfDocker: (container) =>
    `容器 ${container} 是 docker 的，写入的内容由 docker 保存：请写 container:NAME`,
  cutDiff: (bytes) => `得到的不是完整的 tar（${bytes} 字节）`,
  stillPaused: (container, why) => `容器 ${container} 可能仍处于暂停状态，不会自行继续：${why}`,
  severalContainers: (source, all) => `${source} 可能指多个容器；请用 ID 指定一个：${all.join('、')}`,
  noComposeFile: (source) => `${source} 后面要写 compose 文件，例如 ${source}compose.yaml`,
  settingsOf: (container, image) =>
    `${container} 带走的是 ${image} 的设置（命令、变量、用户），而不是它启动时所用的设置；可用 --change 'CMD ["…"]' 另行指定`,
  wrongChange: (change) =>
    `这里 --change 只接受 CMD、ENTRYPOINT、ENV、EXPOSE、LABEL、USER、VOLUME 和 WORKDIR，写法同 Dockerfile，而不是“${change}”`,
  podmanList: (name, own) =>
    `${name} 是一份镜像列表，podman 每次只给出其中一个；请用 podman manifest push --all ${name} oci:FOLDER 写出全部，再写 oci:FOLDER，或选择 --platform ${own}`,
  supposed: (images) =>
    `containerd 没有记录容器创建时 ${images.join('、')} 是哪个镜像；名称、层、命令、变量和标签都相符`,
  several: (source) => `${source} 代表这里运行的所有镜像，而这里只能写一个；airgap images 列出它们`,
  nothingRuns: (source) => `这里没有正在运行的容器，${source} 没有任何镜像`,
  noContainer: '--no-pause、--author、--message 和 --change 用于 container:NAME，而没有写容器',
  noSpec: '--locked 与 bundle.lock 比较，而没有用 -f 给出 bundle.yaml',
  noTargets: '没有给出 HOST，文件里也没有 targets',
};
