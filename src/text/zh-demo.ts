// 中文: what the demo tells while it runs.
import type { Catalogue } from './catalogue.js';
import { formatBytes, formatDuration } from './format.js';

export const demo: Catalogue['demo'] = {
  intro:
    '这是真正的 airgap send，目标是本机上一个真正的 SSH 服务器。不需要引擎：远端把镜像存放在一个文件夹里',
  made: (names, bytes) => `已用本机的文件制作 ${names.join('、')}：层共 ${formatBytes(bytes)}`,
  host: (address) => `远端是 ${address}，使用自己的密钥和文件夹，结束后全部删除`,
  first: (name) => `1. 传输 ${name}：远端还什么都没有`,
  second: (name) => `2. 传输 ${name}：它的大部分层已经在远端`,
  third: (name) => `3. 以 2 MB/s 传输 ${name}，并在中途切断连接`,
  cut: (bytes, message) => `   传输 ${formatBytes(bytes)} 后切断：${message}`,
  resume: '   再次运行同一命令',
  sent: (sent, held, ms) =>
    `   已传输 ${formatBytes(sent)}，主机已有而未传输 ${formatBytes(held)}，用时 ${formatDuration(ms)}`,
  resumed: (sent, resumed, ms) =>
    `   已传输 ${formatBytes(sent)}，切断之前已到达 ${formatBytes(resumed)}，用时 ${formatDuration(ms)}`,
  proved: (images, blobs) =>
    `4. 用另外的方法查看远端：${images} 个镜像，${blobs} 个 blob，逐个计算摘要，全部正确`,
  next: '下一步：airgap send HOST IMAGE，用您自己的主机和 docker images 列出的镜像',
  notCut: '   传输在切断之前就已结束',
};
