// The receipts of this near side, in the state folder: what the system says of that folder has a way out.
import path from 'node:path';
import { createReceiptStore, type ReceiptStore } from '../receipt/receipt-store.js';
import { inState } from './state-folder.js';

/** The store; all of it also throws STATE_DENIED. */
export function openStateReceipts(stateDirectory: string): ReceiptStore {
  const files = createReceiptStore(path.join(stateDirectory, 'receipts'));
  return {
    write: (receipt) => inState(stateDirectory, () => files.write(receipt)),
    list: () => inState(stateDirectory, () => files.list()),
    find: (wanted) => inState(stateDirectory, () => files.find(wanted)),
  };
}
