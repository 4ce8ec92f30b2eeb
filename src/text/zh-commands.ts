// 中文: words of the command line itself. Examples are commands, so they are those of the English help.
import type { Catalogue } from './catalogue.js';
import { commands as en } from './en-commands.js';
import { clause } from './zh-clauses.js';
import { wrongFiles } from './zh-files.js';

type Commands = Catalogue['words']['commands'];

const help: Commands['help'] = {
  airgap: {
    summary: '把容器镜像带到没有互联网的机器，经 SSH：只传输缺少的部分',
    examples: en.help.airgap.examples,
  },
  send: {
    summary: '把镜像传输到主机，在那里装入并验证',
    more: 'HOST 是 [user@]host[:port]、ssh://user@host:port 或 ~/.ssh/config 里的别名；多个用逗号隔开。IMAGE 是 NAME[:TAG]、docker-archive:FILE[:NAME]、oci-archive:FILE[:NAME]、oci:FOLDER[:NAME]、docker://HOST/NAME[:TAG]（仓库服务器上的）、containers-storage:NAME（podman 的）、containerd:NAME、container:NAME、podman-container:NAME、containerd-container:ID（先提交；在那里叫 CONTAINER:latest，除非用 =NAME 指定）或 compose:FILE（其中的所有镜像；podman 和 containerd 的用 podman-compose:FILE、containerd-compose:FILE）或 running:（所有正在运行的容器的镜像；podman 的用 podman-running:，kubelet 的用 containerd-running:）；IMAGE=NAME 让它在那里用另一个名字。\n中断之后，同一命令只传输其余部分。',
    examples: en.help.send.examples,
  },
  plan: {
    summary: '显示 send 会做什么，不传输任何内容',
    examples: en.help.plan.examples,
  },
  export: {
    summary: '把镜像、文件和软件包写入离线包，用于网线到不了的机器',
    more: 'DEST 是文件夹（例如 USB 盘），离线包在其中成为自己的文件夹；或是以 .tar 结尾的文件。IMAGE 与 airgap send 相同。在远端机器上：sh import.sh。失败之后再次运行同一命令，会完成剩余部分。',
    examples: en.help.export.examples,
  },
  import: {
    summary: '校验离线包，然后装入镜像、放置文件，在本机或在主机上',
    more: 'BUNDLE 是 airgap export 写出的文件夹或 .tar；分卷的离线包则是存有各分卷的文件夹。在没有 airgap 的机器上，离线包里的 sh import.sh 做同样的事。',
    examples: en.help.import.examples,
  },
  images: {
    summary: '列出本机的镜像',
    examples: en.help.images.examples,
  },
  inspect: {
    summary: '显示镜像运行什么、有哪些层',
    examples: en.help.inspect.examples,
  },
  doctor: {
    summary: '说明具备什么、缺少什么、该做什么，在本机或在主机上',
    examples: en.help.doctor.examples,
  },
  clean: {
    summary: '删除 airgap 在主机上的遗留：未完成的传输的暂存目录',
    examples: en.help.clean.examples,
  },
  spool: {
    summary: '列出本机缓存区里备好的层',
    examples: en.help.spool.examples,
  },
  prune: {
    summary: '删除超出限额或不再有用的层',
    examples: en.help.prune.examples,
  },
  hosts: {
    summary: '列出 ssh 配置和之前传输中的主机，以及添加的主机',
    examples: en.help.hosts.examples,
  },
  hostsAdd: {
    summary: '记住一台主机、一个文件夹（例如盘上的）或一个仓库服务器，供列表和屏幕使用',
    examples: en.help.hostsAdd.examples,
  },
  hostsForget: {
    summary: '去掉添加的主机、文件夹或仓库服务器',
    examples: en.help.hostsForget.examples,
  },
  receipts: {
    summary: '列出什么传输到了哪里，最新的在前',
    examples: en.help.receipts.examples,
  },
  show: {
    summary: '显示一份回执：按列表中的序号、按 ID，或从文件读取',
    more: '导入会把回执留在离线包旁边的 airgap-returns 里。',
    examples: en.help.show.examples,
  },
  verify: {
    summary: '校验离线包：每个字节、配方和索引，以及签名者',
    more: 'BUNDLE 是它的文件夹、它的 .tar，或存有分卷的文件夹；分卷在几个地方时写上多个。没有 airgap 时，在里面运行 sha256sum -c SHA256SUMS 可校验字节。',
    examples: en.help.verify.examples,
  },
  showBundle: {
    summary: '显示离线包里有什么：镜像、层、文件、软件包、签名者',
    more: '读取的是离线包自己的说明；用 airgap verify 校验。',
    examples: en.help.showBundle.examples,
  },
  passport: {
    summary: '打印主机有什么，好让 airgap export --for 省略它们',
    more: '不写 HOST：本机。没有 airgap 的地方，任何离线包的 import.sh 都能打印同样的内容。',
    examples: en.help.passport.examples,
  },
  rollback: {
    summary: '恢复 send 改变过的文件：在本机，或在主机上',
    more: '不写 RECEIPT 则用最新的。此后又改变过的文件不动，除非加上 --force。',
    examples: en.help.rollback.examples,
  },
  push: {
    summary: '把镜像和离线包推送到仓库服务器：只推送缺少的数据块，验证之后才设置名字',
    more: 'BUNDLE 是 airgap export 写出的文件夹或 .tar，IMAGE 与 airgap send 相同，REGISTRY 是 HOST[:PORT][/PREFIX]。镜像保留自己的路径，去掉原来的仓库服务器：docker.io/library/nginx:1 成为 REGISTRY/library/nginx:1，镜像站正需要这样。IMAGE=NAME 另取名字。清单和已压缩的层原样推送，所以摘要不变；引擎里未压缩的层用 gzip 压缩。切断之后，同一命令接着做。',
    examples: en.help.push.examples,
  },
  mirrorConfig: {
    summary: '打印让站点的引擎从其仓库服务器取镜像的设置',
    more: '该仓库服务器是否使用 TLS 会去询问；签发机构取自这里的 /etc/docker/certs.d，只凭 SSL_CERT_FILE 信任时也取自它。',
    examples: en.help.mirrorConfig.examples,
  },
  login: {
    summary: '登录仓库服务器，以读取 docker:// 镜像；podman 也能找到这个登录，docker 只找它自己文件里的',
    more: '密码会被询问，或从标准输入读取；先在仓库服务器上验证，然后才保存：存入 podman 和 docker 的文件里第一个已有其登录的，否则存入 ~/.docker/config.json；该文件设置了凭据助手（credsStore、credHelpers）就由它保存。设置了 $REGISTRY_AUTH_FILE 则存入它。',
    examples: en.help.login.examples,
  },
  logout: {
    summary: '删除仓库服务器的登录',
    examples: en.help.logout.examples,
  },
  demo: {
    summary: '在本机经真正的 SSH 连接传输两个镜像，切断一次并续传',
    more: '不需要 docker 和 sshd，不动您的任何东西，用时不到一分钟。',
    examples: en.help.demo.examples,
  },
  completion: {
    summary: '打印 shell 的补全脚本',
    examples: en.help.completion.examples,
  },
};

const args: Commands['args'] = {
  destination: '要写入的文件夹或 .tar',
  host: '主机，与 ssh 中的写法相同',
  target:
    '[user@]host[:port]、ssh 配置中的别名，以 /、. 或 ~ 开头的文件夹，或带斜杠的仓库服务器：registry.lan:5000/',
  hosts: '一台主机，或用逗号隔开的多台',
  images: '要传输的镜像；IMAGE=NAME 在那里改名',
  image: '镜像',
  shell: 'bash、zsh 或 fish',
  bundle: '离线包的文件夹或 .tar，或存有分卷的文件夹',
  receipt: '回执的序号或 ID，或回执文件的路径',
  hostOrHere: '主机；不写则为本机',
  pushed: '要推送的离线包或镜像，最后写仓库服务器：HOST[:PORT][/PREFIX]',
  registry: 'HOST[:PORT]，与镜像名里的相同，或 docker.io',
  siteRegistry: '仓库服务器 HOST[:PORT][/PREFIX]，与 airgap push 相同',
  rollbackReceipt: '回执的 ID 或序号；不写则为最新的',
};

const options: Commands['options'] = {
  spec: '也带上 bundle.yaml 里的内容；其中的 targets 可代替 HOST',
  specPush: '也推送 bundle.yaml 里的镜像',
  specExport: '也打包 bundle.yaml 里的内容；bundle.lock 写在它旁边',
  locked: '拒绝与 bundle.lock 不符的内容',
  packages: '.deb 或 .rpm 文件的文件夹，作为本地软件库带上；可多次给出',
  noPause: '复制容器时让它继续运行',
  author: '由容器制作的镜像的作者',
  message: '由容器制作的镜像的说明',
  change: '用于由容器制作的镜像的 Dockerfile 指令；可多次给出',
  configFile: '代替 ~/.ssh/config 的 ssh 配置文件（none 表示不用）',
  identity: '登录用的私钥；可多次给出',
  port: 'SSH 服务器的端口',
  jump: '经这些主机到达目标主机，同 ssh -J',
  sshOption: 'ssh_config 写法的选项；可多次给出',
  ssh: 'SSH 客户端：内置（ssh2）或本机的程序（openssh）',
  acceptNew: '信任还不认识的主机的密钥',
  limit: '每台主机每秒最多传输：2MB、500kB、20Mbit',
  platform: '取镜像的这个平台，即使主机是另一个平台也传输',
  layerFiles: '改为显示最大的文件：这个序号或 diffID 的层的，或每一层的',
  platformHere: '镜像有多个平台时取这个平台',
  as: '在那里的名字，用于单个镜像',
  engine:
    '装入的引擎：docker、podman、podman:root、containerd[:NAMESPACE]、k3s、rke2；k3s-images、rke2-images、layout:DIR 只存储',
  engineAsked:
    '要查询的引擎：docker、podman、podman:root、containerd[:NAMESPACE]、k3s、rke2、k3s-images、rke2-images，或 layout:DIR',
  stage: '主机上存放已到达内容的目录',
  spool: '本机存放已压缩的层的文件夹',
  compress:
    'auto、none、gzip 或 gzip:1 到 :9、zstd 或 zstd:1 到 :19(Node 没有 zstd 时到 :9)；已在缓存区的层保持原来的方式',
  channels: '传输层的并行 SSH 通道数（1 到 16）',
  importTo: '装入到这台主机，而不是本机',
  only: '只要这个镜像；可多次给出',
  imagesOnly: '不要离线包里的文件',
  filesOnly: '不要离线包里的镜像',
  bundleName: '离线包及其文件夹的名字',
  platformsTaken: '取镜像的这个平台，或其中几个，或 all：全部',
  split: '切成不大于此大小的分卷：4GB、700MiB',
  passport: '主机的护照：省略所有这些主机都有的内容；可多次给出',
  base: '已送达的较早的离线包：省略其中的镜像；可多次给出',
  sign: '用这个 SSH 密钥签名，或 agent 持有的密钥的公钥',
  replace: '覆盖同名的另一个离线包',
  noReadBack: '不从盘上重新读取全部内容',
  dryRunExport: '显示计划，不写入任何内容',
  noClobber: '名字在那里属于另一个镜像时拒绝',
  user: '登录用的用户名；没有时会询问',
  passwordStdin: '从标准输入读取密码',
  file: '把文件放到那里：SOURCE:/TARGET[:MODE]；可多次给出',
  repo: '把 .repo、.list 或 .sources 文件放到包管理器读取的位置',
  daemonKey: '把 KEY=JSON 合并到 /etc/docker/daemon.json；可多次给出',
  allowDir: '也允许往那里的这个目录下放文件；可多次给出',
  reload: 'daemon.json 改变后重新加载引擎，并验证',
  installPackages: '把离线包里的软件包送到那里，并由其包管理器安装',
  force: '即使文件此后又改变过也恢复',
  dryRun: '显示计划，不传输任何内容',
  mirrorFor: '只要其中一个的：docker、podman、containerd、k3s、rke2',
  mirrorOf: '它所替代的仓库服务器；不写则为 docker.io',
  mirrorWrite: '同时把这些文件写到这里的这个目录，供打印出的 airgap send 使用；不覆盖内容不同的文件',
  prefix: '加在每个路径之前，同 REGISTRY/PREFIX',
  asThere: '在那里的名字，用于单个镜像',
  limitAll: '每秒最多上传：2MB、500kB、20Mbit',
  through: '经 SSH 从这台主机访问仓库服务器',
  withReferrers: '一并带上来源处附在镜像上的签名和证明',
  throughRegistry: '先把镜像推送到这个 REGISTRY[/PREFIX] 一次，再由各主机从那里拉取',
  json: '打印 JSON：运行时每行一个事件，列表为一个文档',
  quiet: '只打印错误',
  yes: '一律回答 yes；主机的密钥除外',
  all: '删除所有没有在用的',
  allClients: '也删除其他机器在那里暂存的内容',
  html: '打印供浏览器或打印机使用的页面，不依赖其他文件',
  output: '把页面写入这个文件',
  outputPassport: '把护照写入这个文件',
  deep: '也解压每一层，并验证解压后的内容',
  allowedSigners: '信任的密钥，ssh-keygen 的格式：每行 NAME KEYTYPE KEY',
  requireSignature: '没有 --allowed-signers 中的密钥签名则失败',
  names: '只打印名字，每行一个',
  help: '显示本帮助',
  version: '显示版本',
  noMouse: '不带命令时：打开界面但不使用鼠标',
  lang: '使用的语言：en 或 zh；不写则由 AIRGAP_LANG 或系统的语言环境决定',
};

const wrong: Commands['wrong'] = {
  ...wrongFiles,
  command: (name, near) => `没有命令 ${name}${near === undefined ? '' : `，您是指 ${near} 吗？`}`,
  option: (name, near) => `没有选项 ${name}${near === undefined ? '' : `，您是指 ${near} 吗？`}`,
  optionValue: (option) => `${option} 需要一个值`,
  argument: (command, name) => `airgap ${command} 需要 ${name}`,
  notAdded: (name) => `${name} 不是添加的，所以不能去掉`,
  tooMany: (command) => `airgap ${command} 的参数太多`,
  optionFile: (option, file, detail) => `${option} 的“${file}”无法读取：${clause(detail)}`,
  conflict: (one, other) => `${one} 和 ${other} 不能一起使用`,
  choice: (option, got, known) => `${option} 不能是“${got}”；可用的有 ${known.join('、')}`,
  language: (got, near, known) =>
    `--lang 不能是“${got}”；${near.length > 0 ? `您是指 ${near.join(' 或 ')} 吗？` : `可用的有 ${known.join('、')}`}`,
  number: (option, got, least, most) => `${option} 不能是“${got}”；应为 ${least} 到 ${most} 的整数`,
  compress: (got) =>
    `--compress 不能是“${got}”；可用的有 auto、none、zstd、zstd:1 到 zstd:19、gzip 或 gzip:1 到 gzip:9`,
  compressedTar: (got) => `“${got}”既不是文件夹也不是 .tar；请用 .tar，层在其中已经压缩`,
  bundleName: (got) => `--name 不能是“${got}”；应为小写字母、数字和 . _ -，最多 64 个字符`,
  size: (option, got) => `${option} 不能是“${got}”；请写大小，例如 4GB 或 700MiB`,
  engine: (got) =>
    `--engine 不能是“${got}”；应为 docker、podman[:root]、containerd[:NAMESPACE]、k3s、rke2、k3s-images[:DIR]、rke2-images[:DIR]，或 layout:DIR（绝对路径）`,
  sshOption: (got) => `-o 不能是“${got}”；应为 KEY=VALUE`,
  emptyHost: '有一台主机是空的；请写 HOST 或 HOST,HOST',
  sameHost: (host) => `${host} 写了两次`,
  emptyImage: (got) => `“${got}”不是 IMAGE 或 IMAGE=NAME`,
  sameName: (name) => `有两个不同的镜像在那里都会叫 ${name}`,
  asOne: '用 --as 时只能有一个镜像；多个镜像请写成 IMAGE=NAME',
  asTwice: '--as 和 IMAGE=NAME 给同一个镜像取了两次名字',
  requireSignature: '--require-signature 需要 --allowed-signers FILE：可以签名的密钥',
};

const headings: Commands['headings'] = {
  Usage: '用法：',
  Arguments: '参数：',
  Options: '选项：',
  Commands: '命令：',
  examples: '示例：',
};

export const commands: Commands = { help, args, options, wrong, headings };
