// 中文: words of `airgap mirror-config`.
import type { Catalogue } from './catalogue.js';

export const mirror: Catalogue['words']['mirror'] = {
  title: (engine, registry) => `${engine}：从 ${registry} 取镜像`,
  send: (line, isReady) =>
    isReady ? `送过去的命令：${line}` : `送过去的命令（文件在这里用这些名字，--write . 会写好）：${line}`,
  supposed: (registry) => `从这里没有连上 ${registry}；它使用 TLS 只是假定`,
  ofItself: (registry) => `${registry} 本来就有自己的镜像；--of 写的是它另外保存了哪个仓库服务器的镜像`,
  notes: {
    dockerHubOnly: 'docker 的镜像站只用于 docker.io；其他仓库服务器的镜像请用本仓库服务器自己的名字',
    dockerPrefix: 'docker 的镜像站没有路径；有前缀时请用本仓库服务器自己的名字',
    dockerReload: '逐键合并到已有的内容；然后运行 systemctl reload docker',
    podmanReads: '每次拉取时读取；不需要重新加载',
    containerdPath:
      '每次拉取时读取，前提是 config.toml 里（cri 插件的 registry 下）有 config_path = "/etc/containerd/certs.d"，并且 containerd 已重启',
    unproved: '没有机构担保该仓库服务器的证书：最好把签发机构的证书交给主机',
  },
};
