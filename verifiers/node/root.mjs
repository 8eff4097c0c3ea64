/** Root metadata: all role keys, and how one version follows another. */

import { publicKey } from "./ed25519.mjs";
import { RecordError } from "./errors.mjs";
import { hex, list, mapping, oneOf, shape, text, whole } from "./shapes.mjs";

export const ROOT_TYPE = "application/vnd.daccord.root.v1+json";

const ROLES = ["root", "steward", "operator", "trustee", "guardian"];
const MOST_KEYS = 256;
const SHAPE = shape({
  keys: mapping(hex(32)),
  origin: text(1),
  roles: mapping(shape({ keys: list(hex(32)), threshold: whole(1) }), oneOf(...ROLES)),
  version: whole(1),
});

/** One version. */
export class Root {
  constructor({ version, origin, keys, roles }) {
    this.version = version;
    this.origin = origin;
    this.keys = keys;
    this.roles = roles;
  }

  /**
   * Keys of a role by their ids.
   *
   * @param {string} name
   * @returns {Map<string, import("./ed25519.mjs").PublicKey>} Empty if nobody has the role.
   */
  keysOf(name) {
    return this.roles.get(name)?.keys ?? new Map();
  }

  /** How many keys of a role are needed; infinitely many if nobody has it. */
  threshold(name) {
    return this.roles.get(name)?.threshold ?? Infinity;
  }
}

/**
 * Read a version; who signed it is not checked.
 *
 * @param {import("./envelope.mjs").Envelope} envelope
 * @returns {Root}
 */
export function parseRoot(envelope) {
  const value = envelope.value();
  const fault = SHAPE(value);
  if (fault) throw new RecordError(`root metadata ${fault}`);
  const ids = Object.keys(value.keys);
  if (!ids.length || ids.length > MOST_KEYS) throw new RecordError(`root metadata lists 1 to ${MOST_KEYS} keys`);
  const keys = new Map(ids.map((id) => [id, publicKey(value.keys[id], `root metadata, key ${id}`)]));
  for (const [id, key] of keys) if (key.id !== id) throw new RecordError(`root metadata: the key ${id} has another id`);
  const roles = new Map();
  for (const [name, role] of Object.entries(value.roles)) {
    const inOrder = role.keys.every((id, i) => i === 0 || role.keys[i - 1] < id);
    if (!role.keys.length || !inOrder) throw new RecordError(`the keys of role ${name} stand in order, each once`);
    const unknown = role.keys.find((id) => !keys.has(id));
    if (unknown) throw new RecordError(`role ${name} names the key ${unknown}, which is not listed`);
    if (role.threshold > role.keys.length) throw new RecordError(`the threshold of role ${name} is above its keys`);
    roles.set(name, { keys: new Map(role.keys.map((id) => [id, keys.get(id)])), threshold: role.threshold });
  }
  if (!roles.has("root")) throw new RecordError("root metadata has no role root");
  return new Root({ ...value, keys, roles });
}

/**
 * The version that an entry brings into force.
 *
 * @param {Root | null} known The version in force; null before the first.
 * @param {import("./envelope.mjs").Envelope} envelope
 * @returns {Root}
 * @throws {RecordError} It does not follow, or is not signed by enough root keys of both.
 */
export function followRoot(known, envelope) {
  const root = parseRoot(envelope);
  if (root.version !== (known?.version ?? 0) + 1) throw new RecordError(`version ${root.version} does not follow`);
  if (known && root.origin !== known.origin) throw new RecordError("the next version is for another log");
  const asked = [known, root].filter((one) => one !== null);
  const signers = envelope.signers(new Map(asked.flatMap((one) => [...one.keysOf("root")])));
  for (const one of asked) {
    const count = [...one.keysOf("root").keys()].filter((id) => signers.has(id)).length;
    if (count < one.threshold("root")) {
      throw new RecordError(`version ${root.version} has ${count} root keys of version ${one.version}: too few`);
    }
  }
  return root;
}
