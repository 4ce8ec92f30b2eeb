// Looks at what the command line says of hosts before anything is read or connected: a slip there must not wait behind
// an image that takes minutes to open.
import { access, constants } from 'node:fs/promises';
import path from 'node:path';
import { AirgapError } from '../errors.js';
import type { ConnectOptions } from '../runs/api.js';
import type { ResolvedTarget } from './target.js';

// Every keyword of ssh_config(5), OpenSSH 9.2 to 10, with those it still takes without a word. Host, Match and Include
// are lines of a file, not options.
const keywords = new Set(
  `AddKeysToAgent AddressFamily BatchMode BindAddress BindInterface CanonicalDomains CanonicalizeFallbackLocal
  CanonicalizeHostname CanonicalizeMaxDots CanonicalizePermittedCNAMEs CASignatureAlgorithms CertificateFile
  ChallengeResponseAuthentication ChannelTimeout CheckHostIP Cipher Ciphers ClearAllForwardings Compression CompressionLevel
  ConnectionAttempts ConnectTimeout ControlMaster ControlPath ControlPersist DynamicForward EnableEscapeCommandline
  EnableSSHKeysign EscapeChar ExitOnForwardFailure FingerprintHash ForkAfterAuthentication ForwardAgent ForwardX11
  ForwardX11Timeout ForwardX11Trusted GatewayPorts GlobalKnownHostsFile GSSAPIAuthentication GSSAPIClientIdentity
  GSSAPIDelegateCredentials GSSAPIKeyExchange GSSAPIKexAlgorithms GSSAPIRenewalForcesRekey GSSAPIServerIdentity
  GSSAPITrustDns HashKnownHosts HostbasedAcceptedAlgorithms HostbasedAuthentication HostbasedKeyTypes HostKeyAlgorithms
  HostKeyAlias HostName IdentitiesOnly IdentityAgent IdentityFile IgnoreUnknown IPQoS KbdInteractiveAuthentication
  KbdInteractiveDevices KexAlgorithms KnownHostsCommand LocalCommand LocalForward LogLevel LogVerbose MACs
  NoHostAuthenticationForLocalhost NumberOfPasswordPrompts ObscureKeystrokeTiming PasswordAuthentication PermitLocalCommand
  PermitRemoteOpen PKCS11Provider Port PreferredAuthentications Protocol ProxyCommand ProxyJump ProxyUseFdpass
  PubkeyAcceptedAlgorithms PubkeyAcceptedKeyTypes PubkeyAuthentication RefuseConnection RekeyLimit RemoteCommand
  RemoteForward RequestTTY RequiredRSASize RevokedHostKeys SecurityKeyProvider SendEnv ServerAliveCountMax
  ServerAliveInterval SessionType SetEnv StdinNull StreamLocalBindMask StreamLocalBindUnlink StrictHostKeyChecking
  SyslogFacility Tag TCPKeepAlive Tunnel TunnelDevice UpdateHostKeys UsePrivilegedPort User UserKnownHostsFile VerifyHostKeyDNS
  VersionAddendum VisualHostKey WarnWeakCrypto XAuthLocation`
    .toLowerCase()
    .split(/\s+/),
);

/**
 * Refuses what ssh refuses: unknown keywords of `-o`, a key of `-i` that is not there. The system's own ssh is left to
 * judge for itself: another version may know more.
 * @throws {AirgapError} SSH_CONFIG_INVALID, SSH_KEY_UNREADABLE
 */
export async function checkOptions(target: ResolvedTarget, connect: ConnectOptions): Promise<void> {
  if (connect.client === 'openssh') return;
  const named = (connect.sshOptions ?? []).map((option) => /^\s*([^\s=]*)/.exec(option)?.[1] ?? '');
  const forgives = named.some((keyword) => keyword.toLowerCase() === 'ignoreunknown');
  for (const keyword of named) {
    if (forgives || keywords.has(keyword.toLowerCase())) continue;
    const problem = `ssh_config has no ${keyword.slice(0, 100)}`;
    throw new AirgapError('SSH_CONFIG_INVALID', { path: '-o', problem });
  }
  for (const file of target.auth.givenKeys) {
    await access(file, constants.R_OK).catch((cause: unknown) => {
      // Told by its name only (docs/threat-model.md); the dots say that it was shortened.
      const problem = `…/${path.basename(file)} cannot be read`;
      throw new AirgapError('SSH_KEY_UNREADABLE', { problem }, { cause });
    });
  }
}
