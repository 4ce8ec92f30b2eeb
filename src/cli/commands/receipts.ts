// airgap receipts and airgap receipts show: what was sent where, and how it was proved.
import { AirgapError } from '../../errors.js';
import { text } from '../../text/text.js';
import { viewReceipt, viewReceipts } from '../../views/receipt.js';
import { type Flags, isSet, word } from '../flags.js';
import { usage } from '../parse-options.js';
import { jsonLine } from '../report-json.js';
import type { World } from '../world.js';
import { writeOutput } from '../write-output.js';

/** @returns the exit code. */
export async function receipts(world: World, flags: Flags): Promise<number> {
  const core = await world.openCore();
  const list = await core.receipts();
  if (isSet(flags, 'json')) world.stdout.raw(jsonLine({ version: 1, receipts: list }));
  else world.stdout.lines(viewReceipts(list, world.stdout.reportColumns()));
  return 0;
}

/** @returns the exit code. @throws {AirgapError} RECEIPT_UNKNOWN, RECEIPT_INVALID, DRIVE_FAILED where the page cannot be written */
export async function showReceipt(world: World, args: readonly string[], flags: Flags): Promise<number> {
  const [wanted = ''] = args;
  const output = word(flags, 'output');
  if (output !== undefined && !isSet(flags, 'html'))
    throw usage(text().words.receiptPage.outputAlone, 'receipts show');
  const core = await world.openCore();
  const receipt = await core.receipt(wanted);
  if (receipt === undefined) throw new AirgapError('RECEIPT_UNKNOWN', { wanted: wanted.slice(0, 100) });
  if (isSet(flags, 'json')) world.stdout.raw(jsonLine({ version: 1, receipt }));
  else if (isSet(flags, 'html')) {
    // Only this loads the QR code's library.
    const { receiptPage } = await import('../../views/receipt-page.js');
    if (output === undefined) world.stdout.raw(receiptPage(receipt));
    else await writeOutput(output, receiptPage(receipt));
  } else world.stdout.lines(viewReceipt(receipt, world.stdout.reportColumns()));
  return 0;
}
