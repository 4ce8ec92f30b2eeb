// 中文: the sentences and hints of bundles, drives, passports, specs, and of files that are put on a host.
import type { BundleProblem, ErrorCode } from '../errors.js';
import { shortDigest } from '../oci/digest.js';
import type { Catalogue } from './catalogue.js';
import type { bundleErrors as en } from './en-bundle-errors.js';
import { formatBytes, formatEnough } from './format.js';
import { clause } from './zh-clauses.js';
import { documentProblems } from './zh-source-problems.js';

const invalid = {
  'no-seal': '没有 SHA256SUMS，导出没有完成',
  'not-found': '没有这个文件或文件夹',
  'not-a-bundle': '既不是离线包的文件夹，也不是它的 tar',
  mixed: '分卷属于不同的离线包',
} as const;

/** What is wrong with a file of a bundle; also the words of findings. */
export const bundleProblems: Readonly<Record<BundleProblem, string>> = {
  missing: '缺失',
  unknown: '不属于它',
  size: '大小不符',
  digest: '被改动过',
  form: '写法不对',
  'not-sealed': '不在 SHA256SUMS 里',
  'not-listed': '不在 airgap.json 里',
  recipe: '与它的镜像不符',
  index: '没有列出 airgap.json 里的镜像',
  'diff-id': '解压后不是它的层',
  codec: '无法解压',
  'not-a-file': '不是普通文件',
  name: '的文件名不会出现在离线包里',
  unreadable: '无法读取',
};

const signature = {
  missing: '没有签名',
  wrong: '的签名与它不符',
  'unknown-signer': '的签名者不在您允许的密钥之列',
  key: '不能用该密钥签名',
  outdated: '由不再允许的密钥签名',
} as const;

const refused = {
  folder: '不在允许放文件的目录里',
  symlink: '在符号链接后面',
  'not-a-file': '在那里不是普通文件',
  owner: '所在的目录其他用户可以写入',
} as const;

export const bundleErrors: Pick<Catalogue['errors'], keyof typeof en & ErrorCode> = {
  BUNDLE_INVALID: {
    message: (f) => `“${f.path}”不是离线包：${invalid[f.problem]}`,
    hint: (f) =>
      f.problem === 'no-seal'
        ? '再次运行同一 airgap export 命令：它会完成剩余部分'
        : '请指定 airgap export 写出的文件夹或 .tar',
  },
  BUNDLE_VERSION: {
    message: (f) => `“${f.path}”的格式版本是 ${f.version}，这个 airgap 认识 ${f.known}`,
    hint: () => '请用制作它的 airgap，或更新的版本',
  },
  BUNDLE_DAMAGED: {
    message: (f) => `“${f.path}”已损坏：${f.file} ${bundleProblems[f.problem]}`,
    hint: () => '没有使用其中任何内容；请重新复制离线包，然后对它运行 airgap verify',
  },
  BUNDLE_FINDINGS: {
    message: (f) => `“${f.path}”没有通过校验：${f.count} 个问题`,
    hint: () => '不要使用它；请重新复制离线包，或用 airgap export 重新制作',
  },
  BUNDLE_EXISTS: {
    message: (f) => `“${f.path}”里已有另一个离线包`,
    hint: (f) => `${/\.tar$/i.test(f.path) ? '换一个文件名' : '用 --name 另取名字'}，或用 --replace 覆盖它`,
  },
  BUNDLE_VOLUME_MISSING: {
    message: (f) => `${f.name} 的 ${f.of} 个分卷中缺少第 ${f.missing.join('、')} 卷`,
    hint: () => '插入存有它的盘，把它的文件夹也写上，再次运行同一命令',
  },
  BUNDLE_BASE_MISSING: {
    message: (f) =>
      `${f.host} 缺少离线包为 ${f.image} 省略的 ${f.layers.length} 层：${f.layers.map(shortDigest).join('、')}`,
    hint: (f) =>
      `在那台主机上运行 airgap passport，把护照带回来，重新制作离线包：airgap export DEST ${f.image} --for PASSPORT`,
  },
  BUNDLE_CODEC: {
    message: (f) => `${f.host} 没有能解压 ${f.codec} 的程序`,
    hint: () => '用 airgap export --compress gzip 重新制作离线包',
  },
  SIGNATURE_INVALID: {
    message: (f) => `“${f.path}”${signature[f.problem]}${f.detail === '' ? '' : `：${clause(f.detail)}`}`,
    hint: (f) =>
      f.problem === 'key'
        ? '用 --sign 指定 SSH 私钥，或 agent 持有的密钥（ssh-add）的公钥'
        : '问清是谁制作的；--allowed-signers FILE 列出您信任的密钥',
  },
  DRIVE_FULL: {
    message: (f) =>
      f.neededBytes === undefined
        ? `“${f.path}”已满：剩余 ${formatBytes(f.freeBytes)}`
        : `“${f.path}”空间不足：需要 ${formatBytes(f.neededBytes)}，剩余 ${formatBytes(f.freeBytes)}`,
    hint: () => '腾出空间或换更大的盘，再次运行同一命令；--split 可分放到几个盘上',
  },
  DRIVE_FILE_LIMIT: {
    message: (f) => `“${f.path}”所在的文件系统不能存放这么大的文件`,
    hint: () => '导出到文件夹（会按大小切分），或加上 --split 4GB',
  },
  DRIVE_FAILED: {
    message: (f) => `“${f.path}”无法写入或读取：${clause(f.detail)}`,
    hint: () => '检查盘是否在、是否写保护，再次运行同一命令',
  },
  VOLUME_TOO_SMALL: {
    message: (f) =>
      `${formatBytes(f.splitBytes)} 的分卷对这个离线包太小：至少需要 ${formatEnough(f.leastBytes)}`,
    hint: (f) => `请用 --split ${formatEnough(f.leastBytes).replace(' ', '')} 或更大`,
  },
  PASSPORT_INVALID: {
    message: (f) => `“${f.path}”不是护照：${documentProblems[f.problem](f.detail)}`,
    hint: () => '用 airgap passport HOST 制作，或在主机上运行 sh import.sh --passport',
  },
  SPEC_INVALID: {
    message: (f) => `“${f.path}”${f.line === undefined ? '' : `第 ${f.line} 行`}：${clause(f.problem)}`,
    hint: (f) =>
      f.line === undefined
        ? '请检查路径和文件；docs/bundle-yaml.md 列出所有的键'
        : '请改正那一行；docs/bundle-yaml.md 列出所有的键',
  },
  LOCK_DRIFT: {
    message: (f) =>
      `${f.image} 与 ${f.path} 不符：实际为 ${f.got === '' ? '空' : shortDigest(f.got)}，应为 ${f.want === '' ? '空' : shortDigest(f.want)}`,
    hint: () => '恢复当时锁定的内容，或去掉 --locked 以锁定现在的内容',
  },
  PACKAGES_INVALID: {
    message: (f) => `“${f.path}”不能做成软件库：${clause(f.problem)}`,
    hint: () => '在那个文件夹里只放同一种 .deb 或 .rpm 文件；参见 bundles/README.md',
  },
  FILE_REFUSED: {
    message: (f) => `${f.host} 上的 ${f.path} ${refused[f.problem]}`,
    hint: (f) =>
      f.problem === 'folder'
        ? '换一个位置，或用 --allow-dir 允许那个目录'
        : '没有改变任何东西；请先在主机上查看那个路径',
  },
  FILE_FAMILY: {
    message: (f) => `${f.path} 对 ${f.host} 没有用，它是 ${f.family}`,
    hint: () => '.repo 文件传输到使用 rpm 的主机，.list 和 .sources 文件传输到使用 apt 的主机',
  },
  FILE_INVALID: {
    message: (f) => `${f.path} 在 ${f.host} 上会无效：${clause(f.detail)}`,
    hint: () => '没有改变任何东西；请在本机改正该文件，再次传输',
  },
  FILE_CHANGED: {
    message: (f) => `${f.host} 上的 ${f.path} 在${f.isRollback === true ? '放入之后又' : '计划之后'}变了`,
    hint: (f) =>
      f.isRollback === true
        ? '没有改变任何东西；请先查看那个文件，加上 --force 仍会恢复原来的文件'
        : '没有改变任何东西；再次运行同一命令并查看差异',
  },
  INSTALL_FAILED: {
    message: (f) => `${f.path} 没能放到 ${f.host} 上：${clause(f.detail)}`,
    hint: () => '那里的每个文件都保持原样；检查空间和权限，再次运行同一命令',
  },
  PACKAGES_FAILED: {
    message: (f) => `${f.host} 的包管理器没有安装它们：${f.detail}`,
    hint: () => '软件库仍在那里；查看包管理器自己的日志，或从该软件库手动安装',
  },
  ROLLBACK_UNKNOWN: {
    message: (f) =>
      f.receipt === 'newest'
        ? `${f.host} 没有保存可以恢复的文件`
        : `${f.host} 没有保存回执 ${f.receipt} 之前的文件`,
    hint: () => '运行 airgap receipts 查看哪些运行在那里放过文件',
  },
};
