// How far a registry is believed: sizes, waits and counts of what it may say.

/** Error bodies name a code and a sentence; proxies answer with pages. */
export const maxErrorBytes = 64 * 1024;

/** Harbor's tokens name every right; the largest seen are some 10 KiB. Servers take headers of 8 to 64 KiB. */
export const maxTokenBytes = 64 * 1024;

/** A list of tags is only used for "did you mean". */
export const maxTagsBytes = 1024 * 1024;

/** Blob stores redirect once, clouds twice. */
export const maxRedirects = 5;

/** Without a byte for so long a connection counts as cut. */
export const silenceMs = 60_000;

/** What the system may keep of a connection's written bytes, at most, and the slowest pace at which they leave it on a link that works. */
export const mostBufferedBytes = 4 * 1024 * 1024;
export const leastBytesPerSecond = 1024;

/** How long a registry may say nothing when it has all of a PUT or PATCH: object stores and slow disks work on large blobs for minutes. */
export const workMs = 15 * 60_000;

/** Where packets vanish the system itself would wait for two minutes. */
export const connectMs = 20_000;

/** How often a request is sent before its failure counts; one that has brought bytes begins to count anew. */
export const maxTries = 6;

/** What may be waited for within a run; beyond it the run says when to come again. */
export const maxRetryAfterMs = 90_000;

/** Before the second try; doubles with each up to `longestPauseMs`. */
export const firstPauseMs = 500;
export const longestPauseMs = 20_000;

/** Of a registry's own words in a message. */
export const maxDetailLength = 300;

/** Blobs that are brought at a time: as many as docker and skopeo together; more gain nothing on a link that one fills. */
export const parallelDownloads = 8;

/** Of one request of an upload: what a cut costs, and small enough for proxies that limit bodies to some MB. */
export const chunkBytes = 8 * 1024 * 1024;

/** Of a proxy that takes even less: below it, nobody pushes images through. */
export const leastChunkBytes = 512 * 1024;

/** A registry may ask for chunks of at least so many bytes, which lie in memory. */
export const mostChunkBytes = 64 * 1024 * 1024;

/** How often an upload is begun anew that the registry has lost. */
export const maxBegins = 4;

/** Of one run and repository: signatures, attestations; and how deep they may be attached to each other. */
export const maxAttached = 500;
export const maxAttachedDepth = 3;

/** Of one list of them: registries tell some hundred a page. */
export const maxAttachedPages = 50;

/** Lists of parts have some MB; they lie in memory. */
export const maxAttachedBytes = 64 * 1024 * 1024;
