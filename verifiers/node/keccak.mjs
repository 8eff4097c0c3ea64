/** Keccak-256, the hash of Ethereum: Keccak[512] with the padding of 2011, which is not that of SHA3-256. */

const RATE = 136;
const WORD = (1n << 64n) - 1n;
const turn = (value, by) => (by === 0n ? value : ((value << by) | (value >> (64n - by))) & WORD);

/** Round constants, from the shift register of the specification. */
const CONSTANTS = (() => {
  const out = [];
  let register = 1;
  for (let round = 0; round < 24; round += 1) {
    let constant = 0n;
    for (let j = 0; j < 7; j += 1) {
      if (register & 1) constant |= 1n << BigInt(2 ** j - 1);
      register = (register << 1) ^ (register & 0x80 ? 0x171 : 0);
    }
    out.push(constant);
  }
  return out;
})();

/** The steps rho and pi: from which lane to which, and by how much it is turned. */
const WALK = (() => {
  const out = [];
  let [x, y] = [1, 0];
  for (let t = 0; t < 24; t += 1) {
    const from = x + 5 * y;
    [x, y] = [y, (2 * x + 3 * y) % 5];
    out.push([from, x + 5 * y, BigInt((((t + 1) * (t + 2)) / 2) % 64)]);
  }
  return out;
})();

function permute(lanes) {
  for (const constant of CONSTANTS) {
    const sums = [0, 1, 2, 3, 4].map((x) => lanes[x] ^ lanes[x + 5] ^ lanes[x + 10] ^ lanes[x + 15] ^ lanes[x + 20]);
    for (let i = 0; i < 25; i += 1) lanes[i] ^= sums[(i + 4) % 5] ^ turn(sums[(i + 1) % 5], 1n);
    const moved = [...lanes];
    for (const [from, to, by] of WALK) moved[to] = turn(lanes[from], by);
    for (let i = 0; i < 25; i += 1) {
      const row = i - (i % 5);
      lanes[i] = moved[i] ^ (~moved[row + ((i + 1) % 5)] & WORD & moved[row + ((i + 2) % 5)]);
    }
    lanes[0] ^= constant;
  }
}

/**
 * @param {Uint8Array} data
 * @returns {Buffer} 32 bytes.
 */
export function keccak256(data) {
  const padded = Buffer.alloc((Math.floor(data.length / RATE) + 1) * RATE);
  padded.set(data);
  padded[data.length] ^= 0x01;
  padded[padded.length - 1] ^= 0x80;
  const lanes = Array(25).fill(0n);
  for (let at = 0; at < padded.length; at += RATE) {
    for (let i = 0; i < RATE / 8; i += 1) lanes[i] ^= padded.readBigUInt64LE(at + 8 * i);
    permute(lanes);
  }
  const out = Buffer.alloc(32);
  for (let i = 0; i < 4; i += 1) out.writeBigUInt64LE(lanes[i], 8 * i);
  return out;
}
