// 中文: what login and logout say.
import type { Catalogue } from './catalogue.js';
import { podmanLogout } from './engine-commands.js';

type Part = Parameters<Catalogue['words']['login']['left']>[0];

const takeAway = ({ key, path, isPodmans }: Part): string =>
  isPodmans ? `用 ${podmanLogout(path, key)} 删除` : `从 ${path} 里去掉这一项`;

export const login: Catalogue['words']['login'] = {
  user: (registry) => `${registry} 上的用户名`,
  password: '密码',
  stdinAlone: '--password-stdin 需要 -u USER：标准输入里只有密码',
  colon: (user) => `用户名不能有冒号：${user.split(':')[0]}:…`,
  noPassword: '标准输入里不是密码：密码是一行，且不为空',
  done: (registry, user, isProved) =>
    isProved ? `${registry} 认识 ${user}` : `${registry} 没有要求登录，因此无法证明 ${user} 和密码是否正确`,
  keptByHelper: (program) => `由 ${program} 保存`,
  keptInFile: (path, isToken) =>
    `保存在 ${path}，${isToken ? '以令牌代替密码' : '只是编码过（base64）'}：能读这个文件的人就能得到它。凭据助手（credsStore）更安全`,
  older: (part) => `${part.key} 下的仓库仍使用 ${part.path} 里原有的登录；${takeAway(part)}`,
  dockersOlder: (registry, path) => `docker 仍使用 ${path} 里原有的登录：用 docker login ${registry} 替换`,
  insecure: (registry) =>
    `daemon.json 或 registries.conf 把 ${registry} 设为不安全：密码会发给任何以这个名字应答的一方，可能不加密`,
  forgotten: (registry, from) => `${registry} 的登录已从 ${from} 删除`,
  notThere: (registry, onlyIn) =>
    onlyIn === undefined
      ? `没有 ${registry} 的登录`
      : `${onlyIn} 里没有 ${registry} 的登录；$REGISTRY_AUTH_FILE 指定了它，因此没有查看别的文件`,
  left: (part) => `仍有 ${part.key} 的登录，在 ${part.path}：${takeAway(part)}`,
};
