// Words of a receipt as a page to print, for the person who signs goods in and out.

/** Of the page. */
export const receiptPage = {
  language: 'en',
  title: (host: string) => `Receipt: images on ${host}`,
  code: { bundle: 'Digest of the bundle', receipt: 'ID of this receipt' },
  sections: { host: 'Host', bundle: 'Bundle', images: 'Images', bytes: 'Bytes', signed: 'Signed' },
  rows: {
    receipt: 'Receipt',
    host: 'Host',
    address: 'Address',
    engine: 'Engine',
    platform: 'Platform',
    started: 'Started',
    took: 'Took',
    tool: 'Made by',
    name: 'Name',
    digest: 'Digest',
    imageId: 'Image ID',
    farId: 'ID there',
    manifest: 'Manifest',
    source: 'From',
    layers: 'Layers',
    proof: 'Proof',
    sent: 'Sent',
    held: 'There before',
    spliced: 'Taken from other images there',
    wire: 'On the wire',
  },
  signed: { by: 'Handed over by', to: 'Received by', when: 'Date', signature: 'Signature' },
  outputAlone: '--output needs --html',
};
