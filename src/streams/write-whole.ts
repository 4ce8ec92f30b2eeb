// Writes a small file whole or not at all, so that it lasts: temp name, fsync, rename, fsync of the folder.
import { randomBytes } from 'node:crypto';
import type { Stats } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';

export interface WriteOptions {
  /** Whose file it is to be, and who may read it: those of what was there, instead of this user alone. */
  readonly like?: Pick<Stats, 'uid' | 'gid' | 'mode'> | undefined;
}

/** For this user alone, in a folder that is there. Over what was there, be it a link: that goes, what it led to stays. */
export async function writeWhole(file: string, content: string, { like }: WriteOptions = {}): Promise<void> {
  const temporary = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    const handle = await open(temporary, 'wx', 0o600);
    try {
      // Before it is anybody's: its content is for that one alone.
      if (like !== undefined) await makeLike(handle, like);
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  const folder = await open(path.dirname(file), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** @throws what chown says, where it is somebody else's and we may not give it to them: it would be lost to them */
async function makeLike(
  handle: FileHandle,
  { uid, gid, mode }: NonNullable<WriteOptions['like']>,
): Promise<void> {
  const own = await handle.stat();
  let isGroupKept = true;
  if (own.uid !== uid) await handle.chown(uid, gid);
  else if (own.gid !== gid)
    isGroupKept = await handle.chown(uid, gid).then(
      () => true,
      () => false,
    );
  // What everybody may read is so because nobody has thought of it; what a group may read, somebody has decided.
  const isDecided = (mode & 0o007) === 0 && isGroupKept;
  await handle.chmod(isDecided ? mode & 0o777 : mode & 0o600);
}
