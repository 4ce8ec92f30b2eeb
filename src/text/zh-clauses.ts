// 中文: clauses that stand in facts. Facts are the same in every language, so these are made where they are known, in
// English; here they are said in Chinese. What is not in the table (words of the system, of engines, of ssh) stays.

/** By the whole clause. A test looks for each in the sources. */
export const clauses: Readonly<Record<string, string>> = {
  // proofs
  'the image': '镜像',
  'its Id': '它的 ID',
  'its layer list': '它的层列表',
  'a layer that was there before': '原已有的一层',
  'a container of it': '它的容器',
  'its check': '引擎的检查',
  'not complete': '不完整',
  complete: '完整',
  missing: '缺失',
  damaged: '已损坏',
  empty: '空',
  'not made': '没有做成',
  made: '已做成',
  'A layer': '有一层',
  // phases of a connection
  connect: '连接',
  handshake: '握手',
  login: '登录',
  open: '打开会话',
  // ssh
  'not connected': '没有连接',
  'ssh ended': 'ssh 已结束',
  'ssh gave no reason': 'ssh 没有说明原因',
  'the command ended without an exit status': '命令结束而没有退出码',
  'host key': '主机密钥',
  'it cannot be read': '无法读取',
  'a line cannot be read': '有一行无法读懂',
  'too many files include each other': '互相包含的文件太多',
  'it is larger than 64 MiB': '它大于 64 MiB',
  'it is larger than 1 MiB': '它大于 1 MiB',
  'ended by a signal': '被信号终止',
  'too long': '太长',
  // the far side's answers
  'facts are missing': '缺少信息',
  'an empty line': '空行',
  'a cut answer': '应答不完整',
  'it ended too early': '结束得太早',
  'the answer is too long': '应答太长',
  'that cannot be a password': '这不可能是密码',
  'no password came': '没有收到密码',
  'the password is wrong': '密码错误',
  'there is no sudo': '没有 sudo',
  'sudo must let this user run sh, too': 'sudo 还必须允许这个用户运行 sh',
  'no dockerd runs here': '没有 dockerd 在运行',
  'it is a bundle': '它是一个离线包',
  'it is no OCI layout': '它不是 OCI 布局',
  'it cannot be written': '无法写入',
  'the frame is not what its digest says': '数据帧与摘要不符',
  'the save has no manifest.json': '保存的内容里没有 manifest.json',
  'docker info is not as known': 'docker info 的内容与已知的不同',
  'a layer is missing in its save': '保存的内容里缺少一层',
  'an installation that is not finished: send files again first': '未完成的安装：请先再次传输文件',
  'its bytes are not those of the bundle': '它的字节与离线包里的不同',
  // drives
  'it is read-only': '它是只读的',
  'this user may not use it': '当前用户无权使用',
  'it is not there': '它不存在',
  'a file stands where a folder must be': '应为文件夹的地方是一个文件',
  'something else stands there already': '那里已有别的内容',
  'a folder stands where a file must be': '应为文件的地方是一个文件夹',
  'its links lead in a circle': '它的链接互相循环',
  'its name is too long': '它的名称太长',
  'the drive cannot read or write at that place': '盘在该处无法读写',
  'it is a link or a file, and no folder': '它是链接或文件，不是文件夹',
  // registries
  'it is no JSON': '它不是 JSON',
  'it is no TOML': '它不是 TOML',
  'it is no http:// or https:// proxy': '它不是 http:// 或 https:// 代理',
  'it holds no certificate': '它里面没有证书',
  'a registry has neither prefix nor location': '有一个仓库服务器既没有 prefix 也没有 location',
  'there is no such program': '没有这个程序',
  'its answer is not as known': '它的应答与已知的不同',
  'that is no name of a helper': '这不是助手程序的名字',
  'no token': '没有令牌',
  'a web page': '一个网页',
  'no Content-Range': '没有 Content-Range',
  // documents
  'a spool index': '缓存区的索引',
};

/** Clauses with something in them. */
const patterns: readonly (readonly [RegExp, string])[] = [
  [/^a location is no HOST\[:PORT\]\/PATH: (.*)$/, 'location 不是 HOST[:PORT]/PATH：$1'],
  [
    /^it must be merged by hand, there is neither python3 nor jq, or it is no JSON ?(.*)$/,
    '必须手动合并：没有 python3 也没有 jq，或它不是 JSON $1',
  ],
  [/^line (\d+) is not of its form$/, '第 $1 行的写法不对'],
  [/^process (\d+)$/, '进程 $1'],
  [/^exit code (\d+)$/, '退出码 $1'],
  [/^no sign of life for (\d+) s$/, '$1 s 没有任何动静'],
  [/^it runs (\S+) containers$/, '它运行 $1 容器'],
  [/^(\S+) is not as expected$/, '$1 与预期不符'],
  [/^(\S+) stays locked$/, '$1 没有解锁'],
  [/^(\S+) cannot be read$/, '$1 无法读取'],
  [/^(\S+) is no private key of a known kind$/, '$1 不是已知类型的私钥'],
  [/^(\S+) more than (\d+) hosts in a row$/, '$1 连续超过 $2 台主机'],
  [/^ssh_config has no (.+)$/, 'ssh_config 没有 $1'],
  [/^"(.+)" is not Key=Value$/, '“$1”不是 Key=Value'],
  [/^(\S+) has no value$/, '$1 没有值'],
  [/^segment (\d+) is not the one that was made$/, '分段 $1 不是当时制作的'],
  [/^segment (\d+) does not match its digest$/, '分段 $1 与摘要不符'],
  [/^the worker ended with (\d+)$/, '工作线程结束，退出码 $1'],
  [/^there is no image (.+)$/, '没有镜像 $1'],
  [/^the save has no (.+)$/, '保存的内容里没有 $1'],
  [/^the bytes for (.+) are not those that were sent$/, '$1 的字节与所传输的不同'],
  [/^(zstd|gzip|none) segment$/, '$1 分段'],
  [/^blob (.+)$/, 'blob $1'],
];

/** The clause in Chinese where it is one of ours. */
export function clause(said: string): string {
  const whole = Object.hasOwn(clauses, said) ? clauses[said] : undefined;
  if (whole !== undefined) return whole;
  const pattern = patterns.find(([form]) => form.test(said));
  return pattern === undefined ? said : said.replace(pattern[0], pattern[1]).trimEnd();
}
