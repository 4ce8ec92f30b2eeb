// 中文: words of `airgap export`.
import type { Catalogue } from './catalogue.js';
import { formatBytes, formatDuration } from './format.js';

type Words = Catalogue['words']['export'];

const indexReason = {
  none: '来源没有索引',
  manifests: '它所列的清单换过了',
  unusual: '来源的索引并非每个读者都理解得一样',
  platform: '没有要它的全部平台',
  attestation: '证明文件没有带上；加 --with-referrers 可带上',
  apart: '它在镜像之外所列的一些内容没有带上',
  nested: '原来是多层索引，现在是一层',
  missing: '它所列的并非都在',
  unsupported: '它所列的有些 airgap 读不了',
} as const;

const madeReason = {
  none: '来源没有清单',
  asked: '指定了压缩方式',
  omitted: '略去了一些层',
  codec: '来源的层没有压缩，或并非每台主机都确知能读',
  shared: '另一个镜像已带来以别的方式压缩的同一层',
  unusual: '来源的清单并非每个读者都理解得一样',
} as const;

const codecReason: Readonly<Record<Parameters<Words['stored']>[3], string>> = {
  asked: '按要求',
  allReadZstd: '所有主机都能读 zstd',
  someLackZstd: '不是所有主机都能读 zstd',
  noPassport: '任何主机都能解压；有主机的护照，或用 zstd，可以更小',
};

export const exportWords: Words = {
  noLock: (file, detail) => `无法写入“${file}”：${detail}`,
  noParent: '上一级文件夹不存在',
  notFolder: '那里是一个文件，而需要的是文件夹',
  leadsNowhere: '它是一个没有目标的符号链接',
  lowRoom: (place, free) => `“${place}”剩余 ${formatBytes(free)}，不到总量的十分之一`,
  attachedLeft: (name, n) => `${name} 附带的 ${n} 份没有带上：它们所属的内容不以原摘要在包里`,
  title: (place) => `导出到 ${place}`,
  columns: { image: '镜像', platform: '平台', layers: '层数', size: '解压后', omitted: '省略' },
  labels: {
    stored: '离线包',
    shared: '共享',
    omitted: '省略',
    files: '文件',
    packages: '软件包',
    room: '空间',
    manifests: '清单',
    digest: '摘要',
    volumes: '分卷',
    checked: '回读',
    took: '用时',
  },
  stored: (bytes, { all, carried }, codec, reason) => {
    const whole = `${bytes}，共 ${all} 层`;
    if (carried === 0) return `${whole}，${codec}（${codecReason[reason]}）`;
    if (carried === all) return `${whole}，保持来源的压缩方式`;
    return `${whole}，其中 ${carried} 层保持来源的压缩方式，其余为 ${codec}（${codecReason[reason]}）`;
  },
  indexKept: (name, platforms) => `${name}：${platforms} 个平台的索引与来源相同，摘要不变`,
  indexMade: (name, platforms, reason) =>
    `${name}：${platforms} 个平台的索引摘要不同：${indexReason[reason]}`,
  kept: (images) => `${images} 个镜像沿用来源的清单：摘要不变`,
  made: (images, reason) => `${images} 个镜像的清单重新生成：${madeReason[reason]}`,
  noImages: (bytes) => (bytes === undefined ? '没有镜像' : `${bytes}，没有镜像`),
  shared: (bytes) => `镜像共享的 ${bytes}（解压后）只存一份`,
  omitted: (bytes, layers) => `${bytes}（解压后），${layers} 层，那里已有`,
  file: (to, mode, bytes) => `${to}  权限 ${mode}，${bytes}`,
  daemon: (to) => `${to}  逐键合并`,
  packages: (set, kind, names, bytes) =>
    `${set}  ${names} 个 ${kind === 'deb' ? '.deb' : '.rpm'} 软件包，${bytes}`,
  room: (needed, free) => `最多需要 ${needed}，剩余 ${free}`,
  planned: ({ layers, omitted, files, sets, bytes }) => {
    const things = [
      ...(layers === undefined ? [] : [`${layers} 层`]),
      ...(files === 0 ? [] : [`${files} 个文件`]),
      ...(sets === 0 ? [] : [`${sets} 个软件包集`]),
    ];
    return `打包 ${things.join('、')}，${bytes}${omitted === 0 ? '' : `；省略 ${omitted} 层`}`;
  },
  ready: '没有写入任何内容：这只是计划',
  written: (bytes, files) => `${bytes}，${files} 个文件`,
  readBack: {
    done: '每个文件都已绕过内存从盘上重新读取，全部正确',
    'from-memory': '每个文件都已重新读取且正确，但应答的可能是内存：请拔出盘再插入，然后运行 airgap verify',
    'not-done': '按要求没有进行',
  },
  took: (ms) => formatDuration(ms),
  next: (place) => `在主机上：sh ${place}/import.sh`,
  nextTar: (name) => `在主机上：tar -xOf ${name} import.sh >import.sh && sh import.sh ${name}`,
  nextVolumes: (name) => `在主机上：sh ${name}/import.sh，后面写上所有分卷的文件夹`,
};
