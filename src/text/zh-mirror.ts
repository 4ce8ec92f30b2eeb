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
  tokens: ({ host, isProved, isUntrusted, message }) =>
    `${host} 本身${isProved ? '通过 TLS 应答，它的证书可信' : '有应答'}；出错的是发放令牌的服务器：${message}；主机上的引擎登录和拉取也需要它${isUntrusted ? `。请把它的签发机构证书放到该仓库服务器的证书旁边：/etc/docker/certs.d/${host}/tokens.crt，引擎也在那里找；然后再运行一次` : ''}`,
  ledOn: (host, to) =>
    `${host} 本身有应答，但转到 ${to}，那里从本机看不像仓库服务器；主机也必须能访问并信任那里`,
  loggedIn: (host) =>
    `访问 ${host} 用的是保存在本机的登录，它不会一起送过去：凡是不对所有人开放的内容，每台主机的引擎也必须登录（docker login、podman login；kubelet 的写在 auth 里：k3s 和 RKE2 在 registries.yaml，containerd 在 config.toml；airgap send --through-registry 在这三种上不带登录）`,
  clientCertificate: (host, file) =>
    `${host} 要求客户端证书时，从这里得到的是 ${file}，它不会一起送过去：那样每台主机需要自己的（docker、podman：certs.d 里的 NAME.cert 和 NAME.key；containerd：hosts.toml 的 client；k3s、RKE2：registries.yaml 的 cert_file 和 key_file）`,
  holdsKey: (host, file) =>
    `这里只凭 SSL_CERT_FILE=${file} 信任 ${host}，而该文件里还有私钥，不会一起送过去：请把签发机构的证书放到 /etc/docker/certs.d/${host}/ca.crt，然后再运行一次`,
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
