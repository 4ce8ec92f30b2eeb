// 中文: words of a run under way.
import type { Catalogue } from './catalogue.js';
import { formatBytes, formatDuration, formatRate } from './format.js';

// Whole seconds and never none: a guess that shows tenths promises too much.
const remaining = (ms: number): string =>
  ms < 9500 ? `${Math.max(1, Math.round(ms / 1000))} s` : formatDuration(ms);

export const progress: Catalogue['words']['progress'] = {
  steps: {
    connect: '正在连接',
    probe: '正在查看主机',
    plan: '正在制定计划',
    send: '正在传输',
    load: '正在装入',
    verify: '正在验证',
    files: '正在放置文件',
    packages: '安装软件包',
    clean: '正在清理',
    seal: '正在封装',
    reread: '正在回读',
  },
  // Each fits the eight columns that a phase has in live lines.
  phases: { spool: '压缩', send: '传输', load: '装入', verify: '验证', pack: '压缩', reread: '校验' },
  phasesDone: {
    spool: '已压缩',
    send: '已传输',
    load: '已装入',
    verify: '已验证',
    pack: '已压缩',
    reread: '已校验',
  },
  amount: ({ doneBytes, totalBytes, estimate }) =>
    totalBytes === undefined
      ? formatBytes(doneBytes)
      : `${formatBytes(doneBytes)} / ${formatBytes(totalBytes, estimate)}`,
  rate: (bytesPerSecond) => formatRate(bytesPerSecond),
  left: (ms) => `剩余 ${remaining(ms)}`,
  remaining: (ms) => remaining(ms),
  stalled: '等待中',
  percent: (share) => `${Math.floor(share * 100)} %`,
  more: (n) => `另有 ${n} 项`,
  hostsDone: (done, total) => `${total} 台主机中 ${done} 台已完成`,
  held: (n) => `已有 ${n} 层`,
  lead: (host) => `${host}：`,
  parts: (parts) => parts.join('，'),
  done: (ms) => `完成，用时 ${formatDuration(ms)}`,
  failed: (message) => `失败：${message}`,
  leftBehind: (message) => `镜像已就位，但我们的临时内容没有全部删除；下一次传输会删除（${message}）`,
  warning: (message) => `警告：${message}`,
  planned: ({ send, pull, layers, wire, without }) =>
    pull > 0
      ? `${layers} 层中由那里拉取 ${pull} 层`
      : send === 0
        ? `全部 ${layers} 层都已在主机上，无需传输`
        : `${layers} 层中传输 ${send} 层，${wire}${without === undefined ? '' : `，而不是 ${without}`}`,
  stopping: '正在停止；已到达的内容会保留。再按一次 Ctrl-C 立即退出',
  stoppingSignal: (signal) => `收到 ${signal}，正在停止；已到达的内容会保留`,
  leaving: '已退出，没有清理；运行同一命令即可续传',
};

export const questions: Catalogue['words']['questions'] = {
  ask: (prompt) => {
    switch (prompt.kind) {
      case 'host-key':
        return '这是它的密钥吗？输入 yes 表示从此信任，输入其他内容则停止：';
      case 'passphrase':
        return `${prompt.key} 的密钥口令：`;
      case 'password':
        return `${prompt.label.replace(/[:\s]+$/, '')}（${prompt.host} 上的 ${prompt.user}）：`;
      case 'user':
        return `${prompt.host} 上的用户名：`;
      case 'sudo':
        return `${prompt.host} 上 ${prompt.user} 的 sudo 密码：`;
      case 'confirm':
        return `${prompt.question} [y/N]`;
    }
  },
  before: (prompt) =>
    prompt.kind === 'host-key'
      ? [
          `还不认识 ${prompt.host}`,
          `它的 ${prompt.keyType} 密钥是 ${prompt.fingerprint}`,
          '请在那台机器上核对：ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub',
        ]
      : [],
};
