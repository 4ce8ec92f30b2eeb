// 中文: words of what verify and show tell about a bundle.
import type { Catalogue } from './catalogue.js';
import { formatBytes, formatDuration, formatRate } from './format.js';
import { bundleProblems } from './zh-bundle-errors.js';

export const bundle: Catalogue['words']['bundle'] = {
  fields: {
    bundle: '离线包',
    digest: '摘要',
    tool: '制作工具',
    volumes: '分卷',
    read: '已读取',
    unpacked: '已解压',
    signature: '签名',
    base: '省略',
    sizes: '大小',
  },
  made: (tool, codec, level) =>
    codec === 'none' ? `${tool}，层保持原样` : `${tool}，${codec} 级别 ${level}`,
  volumes: (of, missing) =>
    missing.length === 0
      ? `${of === 1 ? '1 个' : `全部 ${of} 个`}`
      : `${of} 个中的 ${of - missing.length} 个；缺少第 ${missing.join('、')} 卷`,
  read: (files, bytes, ms) =>
    `${files} 个文件，${formatBytes(bytes)}，用时 ${formatDuration(ms)}${
      ms < 1000 ? '' : `，${formatRate((bytes * 1000) / ms)}`
    }`,
  unpacked: (layers, bytes) => `${layers} 层，${formatBytes(bytes)}`,
  notUnpacked: '否；--deep 会把每一层也解压',
  signatures: {
    unsigned: '无',
    unchecked: (fingerprint) =>
      fingerprint === undefined
        ? '有，未检查：这里没有 ssh-keygen'
        : `来自 ${fingerprint}；没有指定信任的密钥（--allowed-signers FILE）`,
    good: (signer, fingerprint) => `有效：${signer}，${fingerprint}`,
    invalid: '无效',
  },
  emptyFolder: (path) => `“${path}”里没有离线包的分卷，略过`,
  proved: '每个字节都和写入时一样',
  provedDeep: '每个字节都和写入时一样，每一层解压后都与镜像所写的一致',
  provedSome: '在这里的分卷，每个字节都和写入时一样',
  findings: (n) => `${n} 个问题：`,
  finding: (file, problem, volume) =>
    `${file} ${bundleProblems[problem]}${volume === undefined ? '' : `（第 ${volume} 卷）`}`,
  findingsMore: (n) => `还有 ${n} 个；--json 列出全部`,
  imagesTitle: (n) => `${n} 个镜像`,
  imageColumns: {
    name: '镜像',
    id: 'ID',
    platform: '平台',
    layers: '层数',
    size: '大小',
    kept: '保留的摘要',
  },
  keptIndex: '（索引）',
  layersTitle: (n) => `${n} 层`,
  layerColumns: { layer: '层', stored: '存储大小', raw: '解压后', images: '所属镜像' },
  omitted: '省略',
  sizes: (stored, raw) => `存储 ${formatBytes(stored)}，解压后 ${formatBytes(raw)}`,
  saved: (bytes) => `镜像共享的层节省了 ${formatBytes(bytes)}`,
  base: (bytes, names) => `${formatBytes(bytes)}，${names.join('、')} 已有`,
  filesTitle: (n) => `${n} 个文件`,
  fileColumns: { to: '目标', mode: '权限', kind: '类型', size: '大小' },
  kinds: { file: '文件', repo: '软件库', key: '公钥', compose: 'compose 文件', daemon: 'docker 配置' },
  packagesTitle: (n) => `${n} 个软件包集`,
  packageColumns: { set: '集', kind: '类型', names: '安装' },
  notVerified: (path) => `未校验：以上是离线包自己的说明；用 airgap verify ${path} 校验`,
};
