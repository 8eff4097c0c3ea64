/** Who was bound to a round: jurors, voters and donors, with their keys, nullifiers and numbers. */

import { RecordError } from "./errors.mjs";

/** Somebody who was bound. */
export class Person {
  /** @type {{hash: string, issuer: string}[]} */
  bindings = [];
  seq = -1;

  /**
   * @param {string} id
   * @param {import("./ed25519.mjs").PublicKey} key In force now.
   * @param {boolean} judges Whether listed in judges.csv or enrolled.
   * @param {{community: string, conflicts: string} | null} enrolled
   */
  constructor(id, key, judges, enrolled) {
    this.id = id;
    this.key = key;
    this.judges = judges;
    this.enrolled = enrolled;
  }

  /** Use the next number. */
  use(seq) {
    if (seq <= this.seq) throw new RecordError(`number ${seq} of ${this.id} does not follow number ${this.seq}`);
    this.seq = seq;
  }
}

/** All of them. */
export class People {
  /** @type {Map<string, Person>} */
  all = new Map();
  #ownerOfKey = new Map();
  #ownerOfNullifier = new Map();

  /** @param {import("./manifest.mjs").Manifest} manifest */
  constructor(manifest) {
    this.manifest = manifest;
  }

  /** Somebody by id. */
  bound(id) {
    const person = this.all.get(id);
    if (person === undefined) throw new RecordError(`nobody has bound ${JSON.stringify(id)} before`);
    return person;
  }

  /** Somebody who may answer in a table. */
  answering(id, table) {
    const person = this.bound(id);
    if (table.who === "juror" && !person.judges) throw new RecordError(`${JSON.stringify(id)} is no juror of the round`);
    return person;
  }

  /** Whose key this is now, or null. */
  owner(keyId) {
    const person = this.all.get(this.#ownerOfKey.get(keyId));
    return person?.key.id === keyId ? person : null;
  }

  /** Take a binding whose signatures are valid. */
  bind({ issuer, juror, nullifier, person: said }, key, entry) {
    const { persons, models, value } = this.manifest;
    if (models.has(juror)) throw new RecordError(`${JSON.stringify(juror)} is a model`);
    if (said !== null && persons.has(juror)) throw new RecordError("judges.csv says already who this is");
    if (said !== null && value.enrolment !== "open") throw new RecordError("nobody enrols in this round");
    if ((this.#ownerOfNullifier.get(nullifier) ?? juror) !== juror) throw new RecordError("the nullifier is another's");
    if ((this.#ownerOfKey.get(key.id) ?? juror) !== juror) throw new RecordError("the key is another's");
    let person = this.all.get(juror);
    if (person === undefined) {
      person = new Person(juror, key, persons.has(juror) || said !== null, said);
      this.all.set(juror, person);
    } else {
      if (person.key !== key) throw new RecordError(`${JSON.stringify(juror)} has another key`);
      if (person.bindings.some((one) => one.issuer === issuer)) throw new RecordError("the issuer did so before");
      const same = ["community", "conflicts"].every((name) => person.enrolled?.[name] === said?.[name]);
      if (!same) throw new RecordError("the first binding said something else of the person");
    }
    person.bindings.push({ hash: entry.hash, issuer });
    this.#ownerOfNullifier.set(nullifier, juror);
    this.#ownerOfKey.set(key.id, juror);
  }

  /** Replace a key. */
  rekey(person, key) {
    if (this.#ownerOfKey.has(key.id)) throw new RecordError("the new key is or was somebody's");
    this.#ownerOfKey.set(key.id, person.id);
    person.key = key;
  }
}
