// 中文: words of `airgap mirror-config`.
import type { Catalogue } from './catalogue.js';

export const mirror: Catalogue['words']['mirror'] = {
  title: (engine, registry) => `${engine}：从 ${registry} 取镜像`,
  send: (line, isReady) =>
    isReady ? `送过去的命令：${line}` : `送过去的命令（文件在这里用这些名字，--write . 会写好）：${line}`,
  byHand: (file) => `airgap send 不接受这个路径，请手动复制：${file}`,
  written: (file) => `已写入：${file}`,
  supposed: (registry) => `从这里没有连上 ${registry}：它使用 TLS 只是假定，主机是否会信任它也不清楚`,
  untrusted: (message, hint) => `${message}；主机同样不会信任它。${hint}；然后再运行一次`,
  loopback: (host) =>
    `${host} 在这里指本机，在每台主机上则指那台主机自己：请写主机访问仓库服务器所用的名字或地址`,
  wantsLogin: (message) => `${message}；每台主机的引擎也必须在那里登录`,
  unsound: (message) => `${message}；只有那里确实是仓库服务器，这些设置才正确`,
  speaksTls: (host) => `${host} 使用 TLS：设置里写的是 https://`,
  plain: (host) => `${host} 的应答不使用 TLS：如果主机就是要不加保护地从它取镜像，请写 http://${host}`,
  noFolder: '--write 需要一个文件夹，例如 --write .',
  isThere: (file) => `${file} 已经存在，内容不同：没有写入任何文件；请先移走它，或指定另一个文件夹`,
  ofItself: (registry) => `${registry} 本来就有自己的镜像；--of 写的是它另外保存了哪个仓库服务器的镜像`,
  notes: {
    dockerHubOnly: 'docker 的镜像站只用于 docker.io；其他仓库服务器的镜像请用本仓库服务器自己的名字',
    dockerPrefix: 'docker 的镜像站没有路径；有前缀时请用本仓库服务器自己的名字',
    dockerReload: '逐键合并到已有的内容；然后运行 systemctl reload docker',
    podmanReads: '每次拉取时读取；不需要重新加载',
    containerdPath:
      '每次拉取时读取，前提是 config.toml 里（cri 插件的 registry 下）有 config_path = "/etc/containerd/certs.d"，并且 containerd 已重启',
    k3sReads:
      'k3s 启动时读取：systemctl restart k3s，agent 节点上是 k3s-agent。它会代替那里已有的 registries.yaml：要保留的内容请先加进来',
    rke2Reads:
      'RKE2 启动时读取：systemctl restart rke2-server 或 rke2-agent。它会代替那里已有的 registries.yaml：要保留的内容请先加进来',
    oneAuthority: 'registries.yaml 只能指定一个签发机构文件，这里是第一个：需要的证书都请放进这一个文件',
    unproved: '没有机构担保该仓库服务器的证书：最好把签发机构的证书交给主机',
  },
};
