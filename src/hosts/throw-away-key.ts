// Makes SSH keys that live as long as a demo or a test.
import ssh2 from 'ssh2';

export interface ThrowAwayKey {
  /** As OpenSSH writes private keys. */
  readonly private: string;
  /** `ssh-ed25519 AAAA…` */
  readonly public: string;
}

/** A new ed25519 key pair. */
export function createThrowAwayKey(): ThrowAwayKey {
  // ssh2 1.17 writes about one private key in 400 that it cannot read itself ("Malformed OpenSSH private key").
  for (;;) {
    const made = ssh2.utils.generateKeyPairSync('ed25519', { comment: 'airgap' });
    if (!(ssh2.utils.parseKey(made.private) instanceof Error)) {
      return { private: made.private, public: made.public };
    }
  }
}
