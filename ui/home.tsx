// The first screen: the images of this machine, and the command that sends the chosen one. Gets values, calls back.
import { Box, Text } from 'ink';
import type { ReactElement } from 'react';
import { formatPlatform } from '../src/oci/platform.js';
import { formatBytes, printable } from '../src/text/format.js';
import { text } from '../src/text/text.js';
import { cutEnd, cutMiddle, displayWidth, padEnd, padStart } from '../src/text/width.js';
import { type HomeState, windowOf } from './home-state.js';

interface HomeProps {
  readonly state: HomeState;
  readonly columns: number;
  readonly rows: number;
}

// Heading, its blank, window line, blank, two commands with their label, blank, keys, and the row that is left free.
const rowsAround = 10;
const sizeWidth = 9;
const platformWidth = 13;

/** Never wider or higher than the terminal. */
export function Home({ state, columns: terminalColumns, rows }: HomeProps): ReactElement {
  const words = text().words.home;
  // A full last column makes some terminals wrap, others not.
  const columns = terminalColumns - 1;
  return (
    <Box flexDirection="column" width={columns} height={rows - 1}>
      <Text wrap="truncate">
        <Text bold>{words.title}</Text>{' '}
        {cutEnd(words.lead, Math.max(0, columns - displayWidth(words.title) - 1))}
      </Text>
      <Text> </Text>
      <Body state={state} columns={columns} rows={rows} />
      <Text dimColor wrap="truncate">
        {cutEnd(words.keys, columns)}
      </Text>
    </Box>
  );
}

function Body({ state, columns, rows }: HomeProps): ReactElement {
  const words = text().words.home;
  if (state.screen === 'loading') return <Text>{words.loading}</Text>;
  if (state.screen === 'failed') return <Text wrap="truncate">{printable(state.message)}</Text>;
  const { images, unavailable } = state.list;
  if (images.length === 0) {
    const reasons = unavailable.map(({ store, message }) => printable(`${store}: ${message}`));
    return (
      <Box flexDirection="column">
        <Text>{words.empty}</Text>
        {reasons.slice(0, Math.max(1, rows - rowsAround)).map((reason) => (
          <Text key={reason} wrap="truncate">
            {reason}
          </Text>
        ))}
      </Box>
    );
  }
  const { from, to } = windowOf(images.length, state.chosen, rows - rowsAround);
  const chosen = images[state.chosen]?.name ?? '';
  return (
    <Box flexDirection="column">
      {images.slice(from, to).map((image, at) => (
        <Text key={image.name} bold={from + at === state.chosen} wrap="truncate">
          {row(image, from + at === state.chosen, columns)}
        </Text>
      ))}
      <Text dimColor>{words.window(from + 1, to, images.length)}</Text>
      <Text> </Text>
      <Text>{words.commands}</Text>
      <Text wrap="truncate">{`  ${printable(words.plan(chosen))}`}</Text>
      <Text wrap="truncate">{`  ${printable(words.send(chosen))}`}</Text>
      <Text> </Text>
    </Box>
  );
}

type ImageRow = Extract<HomeState, { screen: 'list' }>['list']['images'][number];

// The chosen row is told by a sign as well as by its weight: colour and weight may not be seen.
function row(image: ImageRow, isChosen: boolean, columns: number): string {
  const size = image.sizeBytes === undefined ? '' : formatBytes(image.sizeBytes);
  const name = Math.max(8, columns - 4 - sizeWidth - platformWidth - 2);
  const label = padEnd(cutMiddle(printable(image.name), name), name);
  const platform = padEnd(cutMiddle(formatPlatform(image.platform), platformWidth), platformWidth);
  return `${isChosen ? '>' : ' '} ${label} ${platform} ${padStart(size, sizeWidth)}`;
}
