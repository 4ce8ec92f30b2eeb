// 中文: words of `airgap push`.
import type { Catalogue } from './catalogue.js';

export const push: Catalogue['words']['push'] = {
  digestIn: (name) => `${name} 带有摘要，而摘要由镜像内容决定；请给它标签，或只写名字`,
  nameless: (source) => `${source} 没有名字；请写成 IMAGE=NAME`,
  asBundle: (source) => `${source} 是离线包，其中的镜像都有名字；请去掉 =NAME 和 --as`,
  throughHere: (host) => `${host} 不是另一台机器；请去掉 --through`,
  nothing: '没有要推送的镜像',
  noRegistry: 'airgap push 需要推送的内容，后面写 REGISTRY',
  title: (registry, through) =>
    through === undefined ? `推送到 ${registry}` : `经 ${through} 推送到 ${registry}`,
  through: (registry, host) => `${registry}，经 ${host}`,
  engine: '仓库服务器',
  columns: {
    name: '名字',
    platform: '平台',
    there: '已在那里',
    mount: '挂载',
    upload: '上传',
    digest: '摘要',
  },
  labels: { upload: '要上传', there: '已在那里', attached: '附带' },
  attached: (n, bytes) => (n === 0 ? '无' : `${n} 份签名、证明等，${bytes}`),
  attachedNowhere: (source) =>
    `${source} 不是来自仓库服务器、OCI 布局或 containerd 存储，只有这些地方才保存它附带的签名和证明`,
  upload: (bytes, blobs) => `${bytes}，共 ${blobs} 个数据块`,
  nothingToUpload: '无',
  there: (blobs, mounts) =>
    `${blobs} 个数据块${mounts === 0 ? '' : `，另有 ${mounts} 个从那里的其他仓库挂载`}`,
  left: (name, n) => `${name}：索引中有 ${n} 项不推送（证明，或不完整），所以索引的摘要会不同`,
  single: (name, platform, n) =>
    `${name} 只是 ${platform} 的镜像：索引中有 ${n} 项不推送（证明，或这里没有），索引本身也不推送`,
  index: (name, digest) => `${name} 是这些平台的索引，${digest}`,
  held: (bytes, layers) => `${bytes}，共 ${layers} 层，仓库服务器原已有`,
  made: '推送时生成',
  kept: (digest) => `${digest}，与来源相同`,
  moves: (name, from) => `${name} 会移动；现在那里是 ${from}`,
  planned: ({ thereCount, mountCount, uploadCount, upload }) => {
    const mounts = mountCount === 0 ? '' : `，挂载 ${mountCount} 个`;
    return uploadCount === 0
      ? `${thereCount} 个数据块已在那里${mounts}，没有要上传的`
      : `要上传 ${uploadCount} 个数据块，${upload}；${thereCount} 个已在那里${mounts}`;
  },
  ready: '什么都没有推送：这只是计划',
  namesLeft: (names) => `没能设置所有名字，而这些名字无法恢复原状，请查看它们指向什么：${names.join('、')}`,
  containerThrough: (source) =>
    `${source} 每次提交都会成为不同的镜像；请先提交（docker commit），再指定那个镜像`,
  nothingThrough: '--through-registry 用于镜像，而这里没有指定镜像；文件不需要它',
  pullsNothing: '它是文件夹，不会从仓库服务器拉取',
  connectAlone: 'SSH 连接的选项（-F、-i、-p、-J、-o、--ssh）需要 --through HOST：访问仓库服务器本身不用 SSH',
  throughAlone: '--through 说明怎样访问仓库服务器，需要与 --through-registry 一起使用',
  pull: (name) => `在主机上：docker pull ${name}`,
};
