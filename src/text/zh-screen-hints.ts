// 中文: hints where the screen is in use, as en-screen-hints.ts has them.

import type { Catalogue } from './catalogue.js';
import { logCommand, programOf, pruneCommand, registryOf } from './engine-commands.js';
import { packagePrograms } from './error-facts.js';

const again = '按 r 重试';
const rest = '按 r：已到达的内容会保留，只传输其余部分';
const inShell = (command: string): string => `在 shell 里运行（Ctrl-Z 过去，fg 返回）：${command}`;
const set = (option: string, value: string): string => `在选项（按 4，再按 o）里把 ${option} 设为 ${value}`;
const damaged = `来源已损坏：请重新拉取、构建或复制镜像，然后${again}`;

export const screenHints: Catalogue['screenHints'] = {
  USAGE: (f) => f.hint ?? '请改正这一行，或按 Esc 离开',
  PROMPT_REFUSED: (f) => (f.isWord === true ? '按 r 会再问一次，请回答' : '按 r 会再问一次，请回答 yes'),
  RECEIPT_UNKNOWN: () => '按 6 查看所有回执',
  IMAGE_UNKNOWN: (f) =>
    f.near.length > 0
      ? `您是指 ${f.near.join('、')} 吗？请在镜像界面（1）选择`
      : '请在镜像界面（1）重新选择，那里按 r 重新查看',
  LAYER_UNKNOWN: () => '按 Esc，再在镜像上按回车键：它的层可能变了',
  IMAGE_INCOMPLETE: () => '请重新拉取或构建镜像，然后按 r',
  PLATFORM_MISSING: (f) =>
    f.found.length > 0
      ? `请${set('--platform', f.found[0] ?? '')}${f.pull === undefined ? '' : `，或把另一个也拉取到这里：${f.pull}`}`
      : '请拉取该平台的镜像，然后按 r',
  ENGINE_MISSING: () => `请安装它，然后${again}`,
  ENGINE_UNREACHABLE: (f) => `启动它（systemctl start ${f.engine}）或检查 DOCKER_HOST，然后${again}`,
  ENGINE_DENIED: () => '按 q 离开后用 sudo 运行 airgap，或加入 docker 组后重新登录',
  DIGEST_MISMATCH: () => damaged,
  SIZE_MISMATCH: () => damaged,
  ARCHIVE_TRUNCATED: () => `复制被中断：请重新复制或导出归档，然后${again}`,
  SOURCE_GONE: () => `检查镜像是否还在，然后${again}`,
  SPOOL_FULL: () => `${inShell('airgap spool prune')} 可腾出空间；然后${again}`,
  CACHE_FULL: () => `${inShell('airgap spool prune')} 可腾出空间；然后${again}`,
  SPOOL_BUSY: () => `等它结束，然后${again}`,
  SPOOL_DAMAGED: () => `${inShell('airgap spool prune --all')}；然后${again}`,
  SPOOL_DENIED: () => '让该用户可以写入这个文件夹，或用 $XDG_CACHE_HOME 指定另一个',
  CODEC_FAILED: () => `请${set('--compress', 'none')}；如果成功，请报告此问题`,
  PROGRAM_MISSING: (f) =>
    packagePrograms[f.program] === undefined
      ? `请安装 ${f.program}，然后${again}`
      : `请安装它（Debian 上用 apt-get install ${packagePrograms[f.program]}），然后${again}`,
  HOST_UNKNOWN: () => '检查拼写（按 e 修改添加的主机）、/etc/hosts 和 ~/.ssh/config',
  HOST_REFUSED: () => `检查那里的 sshd 是否在运行，端口和防火墙是否正确，然后${again}`,
  HOST_TIMEOUT: () => `检查网线、地址和防火墙，然后${again}`,
  HOST_KEY_UNKNOWN: () =>
    '按 r 会问这个密钥是否正确；在那台机器上用 ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub 核对',
  HOST_KEY_CHANGED: (f) =>
    `可能有人在中间。请询问那台机器的管理者；如果重装过系统，删除 ${f.file} 的第 ${f.line} 行后按 r`,
  SSH_AUTH_FAILED: (f) =>
    `按 r 会再问一次，或手动试 ssh ${f.host}；主机的用户和密钥写在 ~/.ssh/config（User、IdentityFile）`,
  SSH_KEY_UNREADABLE: () => '检查 ~/.ssh/config 里 IdentityFile 指定的文件，以及它的密钥口令',
  SSH_UNSUPPORTED: () => `本机的 ssh 程序也许可以：请${set('--ssh', 'openssh')}`,
  SSH_CONFIG_INVALID: () => `请改正该文件，然后${again}`,
  SSH_LOST: () => `检查网线和网络，然后${rest}`,
  FAR_ENGINE_MISSING: (f) =>
    f.others?.[0] !== undefined
      ? `请${set('--engine', f.others[0])}`
      : `请在那里安装 docker；在 shell 里（Ctrl-Z）运行 airgap doctor ${f.host} 可知找到了什么`,
  FAR_ENGINE_DOWN: (f) => `请在那里启动它（systemctl start ${f.engine}），然后${again}`,
  FAR_ENGINE_DENIED: (f) =>
    `按 r 会问密码，或在那里把 ${f.user} 加入 docker 组：usermod -aG docker ${f.user}`,
  FAR_ENGINE_UNSUPPORTED: (f) => `${inShell(`airgap doctor ${f.host}`)}，说明找到了什么`,
  FAR_SUDO_DENIED: () => `检查该用户能否在那里用 sudo 运行 docker，以及密码：${again}`,
  FAR_TOOL_MISSING: (f) =>
    f.tool === 'zstd' || f.tool === 'gzip'
      ? `请在那里安装 ${f.tool}，或${set('--compress', 'auto')}`
      : '它属于每个常见系统（coreutils、busybox）；检查该用户的 PATH',
  FAR_ANSWER: (f) => `检查 ssh ${f.host} true 是否什么都不打印（登录脚本可能打印文字），然后${again}`,
  FAR_SILENT: () => `检查那台机器的负载，然后${rest}`,
  FAR_FAILED: (f) => `${inShell(`airgap doctor ${f.host}`)}，说明那台机器的状态`,
  PULL_FAILED: (f) =>
    `那台主机必须能访问并信任 ${registryOf(f.image)}，而且有权拉取；${inShell(`airgap mirror-config ${registryOf(f.image)} --for ${programOf(f.engine)}`)}，给出所需的设置`,
  STAGE_BUSY: () => `等它结束，然后${again}`,
  STAGE_DENIED: () => `让该用户可以写入，或${set('--stage', '另一个文件夹')}`,
  STAGE_DAMAGED: () => `没有装入其中任何内容：${again}，若再次发生请检查那台机器的磁盘`,
  RUN_BUSY: () => `等它结束，然后${again}`,
  TARGET_FULL: (f) => `在那里腾出空间${pruneCommand(f.engine, ['（', '）'])}，然后${again}`,
  TARGET_PLATFORM: (f) =>
    `请用 ${f.hostPlatform} 的镜像，或${set('--platform', f.imagePlatform)}，仍然传输它`,
  LOAD_REJECTED: (f) =>
    `那里没有改变任何东西；查看它的日志${logCommand(f.engine, ['（', '）'])}，并在 shell 里（Ctrl-Z）运行 airgap doctor ${f.host}`,
  VERIFY_FAILED: () => `没有在那里给它设名字：${again}，若再次发生请检查那台机器的磁盘`,
  BUNDLE_INVALID: () => `请选择另一个文件夹，或${again}：会完成已有的部分`,
  BUNDLE_DAMAGED: () => '其中的内容都没有使用：请删除那个离线包后重新开始',
  BUNDLE_EXISTS: () => '在计划（4）里按 o：--replace 覆盖它，--name 给这一个换个名字',
  SIGNATURE_INVALID: () => '请在选项（按 4，再按 o）的 --sign 里指定 SSH 私钥，或代理里的密钥的公钥',
  DRIVE_FULL: () => '请腾出空间或换更大的盘，然后按 r；选项（按 4，再按 o）的 --split 可以分卷，放到几个盘上',
  DRIVE_FILE_LIMIT: () => `请${set('--split', '4GB')}`,
  DRIVE_FAILED: () => `检查盘是否在那里、是否写保护，然后${again}`,
  VOLUME_TOO_SMALL: () => `请${set('--split', '这么大或更大')}`,
  PASSPORT_INVALID: () => '请在目标界面（2）去掉它，再从那台主机带一个新的',
  FILE_REFUSED: (f) =>
    f.problem === 'folder' ? '请在附加文件界面（3）另选位置' : '没有改变任何东西；请先查看主机上的这个路径',
  FILE_INVALID: () => `没有改变任何东西。请改正这里的文件，然后${again}`,
  FILE_CHANGED: () => `没有改变任何东西：${again}，并在计划里查看差异`,
  INSTALL_FAILED: () => `那里的文件都和原来一样。检查空间和权限，然后${again}`,
  REGISTRY_DENIED: (f) =>
    f.problem === 'forbidden'
      ? '检查名字，并向仓库服务器的管理者申请权限'
      : f.problem === 'unasked' || f.problem === 'scheme'
        ? '检查地址，并向仓库服务器的管理者申请用户名和密码或令牌登录'
        : `在目标界面（2）的这个仓库服务器上按 r 登录；作为来源时：${inShell(`airgap login ${f.registry}`)}`,
  REGISTRY_LIMIT: (f) =>
    `请等待，然后按 r：已到达的内容会保留${f.at?.kind === 'elsewhere' ? '' : `。登录可以提高限额；在 shell 里（Ctrl-Z）：airgap login ${f.registry}`}`,
  REGISTRY_FAILED: () => '过一会按 r：已到达的内容会保留。原因见它自己的日志',
  REGISTRY_PUSH: () => '请处理仓库服务器所说的问题，然后按 r：已到达的内容会保留',
  PUSH_BASE_MISSING: () => inShell('先推送它所依据的离线包：airgap push BASE REGISTRY'),
  HOSTS_FAILED: () => '按 R 重新传输到这些主机：已到达的内容会保留',
  CANCELLED: (f) => (f.resumable ? '按 r 续传：已到达的内容会保留' : '没有改变任何东西'),
};
