// 中文: words about files that are put on a host.
import type { RepoProblem } from '../files/repo-file.js';
import type { Catalogue } from './catalogue.js';

const repoProblems: Readonly<Record<RepoProblem['problem'], (detail: string) => string>> = {
  form: (detail) => `“${detail}”的写法不对`,
  'no-section': (detail) => `“${detail}”在第一个 [section] 之前`,
  'no-url': (detail) => `${detail} 段没有 baseurl`,
  'no-field': (detail) => `有一段缺少 ${detail}`,
  empty: () => '里面没有软件库',
  'not-text': () => '里面有控制字符',
};

export const files: Catalogue['files'] = {
  repoProblem: ({ line, problem, detail }) =>
    `${line === 0 ? '' : `第 ${line} 行：`}${repoProblems[problem](detail)}`,
  repoName: '文件名既不以 .repo 结尾，也不以 .list 或 .sources 结尾',
  notText: '它不是文本',
  keyProblems: { private: '里面有私钥', 'no-key': '它不是 OpenPGP 公钥' },
  strayRepo: (folders) => `这种文件只会在 ${folders.join(' 或 ')} 里被读取`,
  notJsonHere: '它不是 JSON 对象',
  notJsonThere: '那里的文件不是 JSON 对象',
  unknownKey: (key, near, place) =>
    `${place === undefined ? '' : `${place}：`}dockerd 没有“${key}”这个设置，带着它无法启动${near.length === 0 ? '' : `；您是指 ${near.join('、')} 吗？`}`,
  twice: '有两个文件要放到那里',
  anyHost: '任何主机',
  noRoot: '该用户不能写入那里，sudo 也不允许',
  notReloaded: (keys) => `重新加载后 docker info 没有显示 ${keys.join('、')}`,
  question: (n, host) => `修改 ${host} 上的 ${n} 个文件吗？`,
  states: { new: '新建', same: '已经如此', change: '会改变' },
  owner: (uid, gid) => `属主 ${uid}:${gid}`,
  line: ({ to, state, mode, more }) => `${to}  ${files.states[state]}，权限 ${mode}${more}`,
  modeWas: (mode) => `（原为 ${mode}）`,
  more: (was, owner) => `${was}，${owner}`,
  reload: (keys) => `引擎重新加载（--reload）后生效：${keys.join('、')}`,
  restart: (keys) => `引擎重新启动后才生效（airgap 从不重启引擎）：${keys.join('、')}`,
  installed: (to) => `${to}：已就位`,
  unchanged: (to) => `${to}：原本就是如此`,
  failed: (message) => `没有改变任何文件：${message}`,
  back: (id, host) => `airgap rollback ${host === undefined ? '--receipt' : host} ${id}`,
  rolledBack: { restored: '已恢复原样', removed: '已删除', kept: '原本就是如此' },
  rollbackOf: (by, id) => `${by} 所改变的，回执 ${id}：`,
  rollback: (path, done) => `${path} ${files.rolledBack[done]}`,
  noEngine: '没有引擎',
  reloaded: (shown) =>
    shown.length === 0 ? '引擎已重新加载' : `引擎已重新加载；docker info 显示 ${shown.join('、')}`,
  unshown: (keys) => `docker info 没有提到 ${keys.join('、')}`,
};

/** What a wrong --file, --repo, --allow-dir or --daemon-key is told. */
export const wrongFiles = {
  file: (got) => `--file 不能是“${got}”；请写成 SOURCE:/TARGET 或 SOURCE:/TARGET:MODE`,
  mode: (got) => `“${got}”不能作为文件的权限；其他用户不可写入：0644`,
  target: (got) => `“${got}”不能作为目标：应为完整路径，由字母、数字和 . _ + @ ~ : - 组成`,
  allowDir: (got) => `--allow-dir 不能是“${got}”；应为 / 下的完整路径`,
  repo: (got) => `--repo 不能是“${got}”；文件名应以 .repo、.list 或 .sources 结尾`,
  daemonKey: (got) => `--daemon-key 不能是“${got}”；请写成 KEY=JSON`,
  unreadable: (path, detail) => `无法读取“${path}”：${detail}`,
  tooLarge: (path) => `“${path}”大于 64 MiB；请放进镜像，或手动复制`,
} satisfies Partial<Catalogue['words']['commands']['wrong']>;
