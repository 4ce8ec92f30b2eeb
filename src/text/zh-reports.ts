// 中文: words of what is printed at the end: plans, receipts, tables.
import type { Catalogue } from './catalogue.js';
import { questions } from './zh-progress.js';

type Words = Catalogue['words'];
type Reports = Omit<
  Words,
  | 'bundle'
  | 'receiptPage'
  | 'commands'
  | 'export'
  | 'import'
  | 'login'
  | 'mirror'
  | 'packages'
  | 'progress'
  | 'push'
  | 'registry'
  | 'screen'
  | 'spec'
>;

export const reports: Reports = {
  questions,
  proofs: {
    'config-digest': '已装入并验证：主机上的 ID 就是所传输的配置的摘要',
    'manifest-and-create': '已装入并验证：清单和所有层就是所传输的，并且能用它创建容器',
    'manifest-and-check': '已装入并验证：清单和所有层就是所传输的，引擎的检查确认每个 blob 都在并已解包',
    'stored-blobs': '已存储，未装入；每个 blob 都在原处重新计算了摘要',
    'placed-archive': '已放置，未装入：k3s 或 RKE2 启动时会装入；配置和各层都在原处重新计算了摘要',
    'registry-digests': '已推送并验证：每个 blob 都在，按名字读回的清单与所推送的逐字节相同',
  },
  present: {
    'config-digest': '原已存在；已按配置的摘要再次验证',
    'manifest-and-create': '原已存在；已按清单和层再次验证',
    'manifest-and-check': '原已存在；已按清单、层和引擎的检查再次验证',
    'stored-blobs': '原已存储；每个 blob 都重新计算了摘要',
    'placed-archive': '原已放置；配置和各层都在原处重新计算了摘要',
    'registry-digests': '原已存在；每个 blob 都在，按名字读回的清单与所推送的逐字节相同',
  },
  codecReason: {
    asked: '按要求',
    farZstd: '主机能读 zstd',
    farGzip: '主机有 gzip，没有 zstd',
    farNothing: '主机既没有 zstd 也没有 gzip',
  },
  error: '错误：',
  hint: '提示：',
  warning: '警告：',
  bug: '这是 airgap 自身的缺陷。请连同上面的文字一起报告',
  layers: (n) => `${n} 层`,
  thisMachine: '本机',
  unknown: '?',
  none: '-',
  plan: {
    title: (host, engine, platform) => `${host} 的计划：${engine}，${platform}`,
    columns: {
      image: '镜像',
      platform: '平台',
      layers: '层数',
      held: '已有',
      shared: '共享',
      send: '传输',
      splice: '拼接',
      pull: '拉取',
    },
    wire: '线路流量',
    asHeld: (count) => `${count} 个镜像按来源保存的样子传输，摘要不变`,
    remade: {
      one: (name, source, why) => `${name} 在那里的摘要与来源（${source}）不同：${why}`,
      several: (n, why) => `${n} 个镜像在那里的摘要与来源不同：${why}`,
      why: {
        asked: '要求了另一种压缩',
        type: 'OCI 布局不收 docker 类型的清单',
        codec: '那里的引擎不读这种压缩',
        packing: '有一层传输时的压缩形式与其清单所写的不同',
        held: '主机上有一层是另一种压缩形式',
        present: '它已在那里，用的是另一份清单',
      },
    },
    heldReason: '按来源保存的压缩形式',
    wireLine: (wire, codec, reason) => `${wire}，${codec}（${reason}）`,
    without: '不用 airgap',
    withoutLine: (bytes) => `${bytes}（docker save | ssh docker load）`,
    registry: '仓库服务器',
    pulled: (engine, registry) => `那里的 ${engine} 按摘要从 ${registry} 拉取`,
    engine: '所选引擎',
    otherEngines: (engine, others) =>
      `${engine}；那里还有 ${others.join('、')}：--engine ${others.length === 1 ? others.join() : '引擎'}`,
    room: (where) =>
      ({
        stage: '那里的暂存目录',
        engine: '那里的引擎',
        archive: '那里的归档',
        packages: '那里的软件包',
        spool: '本机的缓存区',
      })[where],
    roomLine: (needed, free) =>
      free === undefined ? `最多需要 ${needed}` : `最多需要 ${needed}，剩余 ${free}`,
    name: '名字',
    present: (name, named) => `${name} 已在那里；只${named ? '再次验证' : '验证并设置这个名字'}`,
    moves: (name, from) => `${name} 会移动；它在那里现在是 ${from}`,
    shadowed: (name, other, engine, full) =>
      `那里的 ${engine} 会把 ${name} 当作 ${other}，那是另一个镜像：请在那里写 ${full}，或删除那个名字`,
    spooled: (n) => `${n} 层已在缓存区，保持当时的压缩级别`,
    refused: '不能开始：',
    ready: '没有传输任何内容：这只是计划',
  },
  receipt: {
    title: (host, engine) => `${host}：${engine}`,
    pulled: (from) => `；拉取自 ${from}`,
    sent: (bytes, n) => `${bytes}，${n} 层`,
    held: (bytes, n) => `${bytes}，${n} 层，主机原已有`,
    shared: (n) => `${n} 层为其中几个镜像共有；每层只传输一次`,
    moved: (from) => `；这个名字原来在那里是 ${from}`,
    remade: (source) => `；它的摘要不是来源的 ${source}`,
    spliced: (bytes, n) => `${bytes}，${n} 层，取自主机的其他镜像`,
    resumed: (bytes) => `${bytes} 在之前的运行中已到达`,
    wire: (bytes, duration) => `线路流量 ${bytes}，用时 ${duration}`,
    labels: {
      sent: '已传输',
      held: '已有',
      shared: '共享',
      spliced: '拼接',
      resumed: '续传',
      wire: '合计',
      receipt: '回执',
    },
    show: (id) => `airgap receipts show ${id}`,
    failed: (host) => `${host}：失败`,
    bundle: (name, digest) => `${name}，${digest}`,
    fields: {
      host: '主机',
      engine: '引擎',
      platform: '平台',
      started: '开始时间',
      took: '用时',
      tool: '制作工具',
      bundle: '离线包',
      signer: '签名者',
      imageId: '镜像 ID',
      farId: '主机上的 ID',
      source: '来源',
    },
    columns: {
      number: '序号',
      id: 'ID',
      when: '时间',
      host: '主机',
      images: '镜像',
      sent: '已传输',
      took: '用时',
    },
    empty: '还没有回执；airgap send 每次运行为每台主机写一份',
    damaged: (n) => `${n} 份回执无法读取，已略过`,
  },
  images: {
    columns: { name: '镜像', id: 'ID', platform: '平台', layers: '层数', size: '大小', created: '创建时间' },
    empty: '这里没有镜像；请先拉取，或指定仓库里的镜像（docker://HOST/NAME）或归档（docker-archive:FILE）',
    unavailable: (store, message) => `${store}：${message}`,
    shared: '大小为解压后的大小；镜像共享的层在每个镜像里都计算',
  },
  inspect: {
    fields: {
      name: '名字',
      source: '来源',
      imageId: '镜像 ID',
      platform: '平台',
      created: '创建时间',
      author: '作者',
      user: '用户',
      workdir: '工作目录',
      entrypoint: '入口点',
      cmd: '命令',
      env: '环境变量',
      ports: '端口',
      volumes: '卷',
      labels: '标签',
      stop: '停止信号',
    },
    rootUser: 'root（未设置）',
    layersTitle: (n, bytes) => `${n} 层，解压后 ${bytes}，底层在前`,
    columns: { number: '序号', diffId: 'DIFFID', size: '大小', madeBy: '制作命令' },
    sharedWith: (names, more) => `也在 ${names.join('、')}${more > 0 ? ` 和另外 ${more} 个镜像` : ''} 中`,
    noHistory: '镜像没有说明',
    filesTitle: (layer, n, bytes) => `层 ${layer}：${n} 个文件，${bytes}`,
    noFiles: '里面没有文件',
    fileColumns: { size: '大小', path: '路径' },
  },
  doctor: {
    levels: { ok: '正常', warning: '注意', problem: '问题' },
    finding: (subject, said) => `${subject}：${said}`,
    clear: '所需的一切都已具备',
    problems: (problems, warnings) =>
      problems === 0 ? `${warnings} 个需要注意，都不妨碍传输` : `发现 ${problems} 个问题`,
  },
  clean: {
    removed: (path, bytes) => `已删除 ${path}${bytes === undefined ? '' : `，${bytes}`}`,
    nothing: (host) => `${host} 上没有要删除的内容`,
  },
  spool: {
    columns: {
      layer: '层',
      codec: '压缩',
      size: '大小',
      raw: '解压后',
      state: '状态',
      used: '上次使用',
    },
    finished: '完整',
    unfinished: '未完成',
    total: (directory, n, bytes, limit) => `${directory} 里有 ${n} 层，${bytes}；最多保留 ${limit}`,
    empty: (directory) => `${directory} 里的缓存区是空的`,
    freed: (bytes) => `已释放 ${bytes}`,
  },
  hosts: {
    columns: { name: '主机', address: '地址', from: '来源', last: '上次传输' },
    from: { config: 'ssh 配置', added: '已添加', receipt: '之前的传输' },
    empty: '还没有已知的主机；可以直接写 [user@]host[:port]',
  },
  targets: {
    added: (name) => `${name} 已在主机列表中`,
    forgotten: (name) => `已去掉 ${name}`,
    notAFile: '它不是文件',
    notAFolder: '它不是文件夹',
    tooLarge: '它太大',
    form: '它是别的格式',
  },
  demoTook: (duration) => `演示用时 ${duration}`,
  ago: (ms) => {
    const hours = ms / 3_600_000;
    if (hours < 1) {
      const minutes = Math.round(ms / 60_000);
      return minutes < 1 ? '刚刚' : `${minutes} 分钟前`;
    }
    if (hours < 48) return `${Math.round(hours)} 小时前`;
    const days = Math.round(hours / 24);
    if (days < 60) return `${days} 天前`;
    return days < 730 ? `${Math.round(days / 30.4)} 个月前` : `${Math.round(days / 365)} 年前`;
  },
};
