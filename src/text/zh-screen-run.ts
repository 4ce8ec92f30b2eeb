// 中文: words of the screens of a plan, its options, and its run.
import type { Catalogue } from './catalogue.js';

type Screen = Catalogue['words']['screen'];

export const plan: Screen['plan'] = {
  packages: (hosts) => `软件包只能放进离线包，不会传输到 ${hosts}`,
  files: (registries) => `仓库服务器只存放镜像：文件不会传输到 ${registries}`,
  bundles: (folders) => `离线包装入主机或本机，不会写入 ${folders}`,
  proving: (percent) => `先验证离线包：${percent}`,
  nothing: '请至少选择一个镜像或一个文件，以及一个目标',
  making: '正在查询目标已有什么…',
  ready: (to) => `还没有传输任何内容。回车键开始：${to}`,
  refused: '照这样不能开始；原因和该按的键写在计划里',
  partly: (leftOut) => `还没有传输任何内容。回车键开始，${leftOut} 除外`,
  notNow: '还没有能开始的计划；问题写在计划里',
  busy: '前一次运行还没有结束：按 5 查看；请先停止（x）或让它继续（p）',
  options: (set) => (set.length === 0 ? '选项：照常；按 o 修改' : `选项：${set.join('  ')}；按 o 修改`),
  command: '写成命令',
  copied: {
    terminal: '命令已交给终端的剪贴板；如果没有剪贴板，命令写在计划的末尾',
    screen: '命令已交给 screen 外面的终端的剪贴板；如果没有剪贴板，命令写在计划的末尾',
    tmux: '命令已交给 tmux，放进终端的剪贴板，也可以用 tmux 自己的粘贴（前缀键 ]）',
    'old-tmux': '命令在 tmux 的缓冲区里：前缀键 ] 粘贴',
  },
  saved: (file) => `已保存为 ${file}`,
  notTold: '还不知道需要多久：第一次传输到主机时才会测量线路',
  time: (duration, by) => (by === 'link' ? `按上次传输的速度约 ${duration}` : `按限速约 ${duration}，或更久`),
  failed: (targets) => `无法为 ${targets.join('、')} 做计划：`,
};

export const options: Screen['options'] = {
  columns: { option: '选项', value: '设为', about: '作用' },
  none: '没有设置：回车键或空格键设置光标处的选项',
  set: (flags) => `已设 ${flags.join(' ')}；Esc 回到计划`,
  about: (what, commands) => `${what}（airgap ${commands.join('、')}）`,
};

export const run: Screen['run'] = {
  targetsDone: (done, total) => `${total} 个中已完成 ${done} 个`,
  none: '没有运行。先做计划，再开始',
  states: {
    running: '运行中',
    pausing: '正在暂停',
    paused: '已暂停',
    stopping: '正在停止',
    stopped: '已停止',
    done: '完成',
    failed: '失败',
  },
  press: {
    paused: '按 p 继续，按 x 停止',
    stopped: '按 r 传输其余部分',
    failed: '按 r 重试这一个，按 R 重试所有剩下的',
  },
  columns: { target: '目标', state: '状态', share: '进度', rate: '速度', left: '时间' },
  log: '经过，最新的在前',
  title: (kind, target, bundle) =>
    ({
      send: `传输到 ${target}`,
      export: `写入 ${target}`,
      import: `把 ${bundle} 装入 ${target}`,
      push: `推送到 ${target}`,
    })[kind],
  stopping: '正在干净地结束：已到达的留在那边。可能需要几秒',
  leaving: '正在干净地停止，然后离开。可能需要几秒',
  allDone: '全部到达并已验证。按 6 显示回执',
  allWritten: '已写入并加上封条。带到那边后运行 sh import.sh',
  nothing: '现在没有可以这样做的对象',
  left: '还没有全部到达。其余部分用下面的命令传输：',
  goesOn: '查看别处时它会继续',
  ended: (state: 'done' | 'failed', targets: readonly string[]) =>
    `${targets.join(' ')} ${state === 'done' ? '完成' : '失败'}`,
};
