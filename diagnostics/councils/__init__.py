"""The living list of councils: kept in a database, changed by several people, never lost.

Nothing here knows of the screen. A page needs:

`database`
    `open_database(folder=None, url=None) -> Database`: open, back up and migrate. SQLite file
    `conseils.sqlite` of a folder, or what `DIAGNOSTIC_DATABASE_URL` names. Open it once.
    `is_kept(store_folder) -> bool` and `open_if_any(store_folder)` make no list where none is.
`records`
    `Council` (departement, id, type, name, status, source, checked, members, removed, logo,
    version; `.codes(on=None)` members on a day; `.ended` last day or None) and `Member`
    (code_insee, start, end, source). Both are plain, immutable.
    `councils(database, departement)`,
    `council(database, departement, council_id)`, `memberships(database, departement, on=None)` as
    `diagnostics.territories.read_memberships` gives it, `export_csv(memberships) -> bytes`.
`seeding`
    `seed(database, departement, memberships) -> bool`: fills an empty list once, safe to call at
    every start.
`edits` — each takes the `Council` that was on screen, writes one transaction and one entry of the
    history, and returns the council(s) as saved. `who` is a service; `communes` is {code: name} of
    the communes that exist; `since` is the first day of the new state.
    `create(database, departement, *, type, name, codes, since, who, communes, status, source)`
    `change(database, council, *, who, name=…, status=…, source=…, checked=…)`
    `add_communes(database, council, codes, since, *, who, communes, source="")`
    `remove_communes(database, council, codes, since, *, who, communes)`
    `set_members(database, council, wanted, since, *, councils, who, communes, source="")`, where
    who sits in another council of the type leaves it; `elsewhere(councils, council, on)` says
    who does
    `split(database, council, codes, since, *, name, who, communes, type=None) -> (old, new)`
    `merge(database, kept, absorbed, since, *, who, communes, name=None)`
    `end(database, council, since, *, who)`
`mergers`
    `movements(table) -> Movements`, from the store's table of that name. `followed(councils,
    moves)` are the councils that mergers change, as they become, and `carry_over(database,
    departement, moves, *, who)` writes them. `disputes` and `questions` are what somebody must
    decide, by `settle` and `answer`: a commune that unites two councils, one that has parted.
`history`
    `history(database, departement, council_id=None, limit=100) -> list[Entry]` (id, at in UTC, who,
    action, sentence, council_ids, undoable, undone), newest first; `since(database, council)`,
    those that a council has had beyond the version that was read. `last_revision(database,
    departement)` goes up with each of the list.
    `Conflict(Refused)`: somebody else changed it in between; `.current` is what is held now,
    `.entries` what was done, `.attempt` the states that were refused: call again with `.current`.
`places`
    `places(store) -> Places`: the communes of France by code, what other codes are, and
    `code_of(written)` that finds one by code or name.
`undoing`
    `undo(database, departement, entry_id, who)`: an entry too, that can be undone;
    `coming_back(database, departement, entries, names) -> {entry id: sentences}` says beforehand
    what that would change.
`importing`
    `preview(database, departement, content, places, whole=False) -> Preview` (`.changes` rows of
    kind `ajout` | `modification` | `retrait` with a sentence, `.refused` rows with line, value,
    reason); nothing is written. `apply(database, preview, who)`.
`notes`, `logos`
    `note(database, council, year) -> Note` (context, retained, set_aside, decisions, version, who,
    at; labels in `FIELDS`), `write_note(database, note, who) -> Note` (raises `NoteConflict`, with
    `.current` and `.attempt`), `note_versions(database, council, year)`,
    `record_deck(database, council, edition, kind, options)`, `decks(database, council)`,
    `remove_deck(database, council, deck, who)`; what is written or removed is in the history.
    `logo(database, council) -> Logo | None` (media_type, content),
    `set_logo(database, council, content, who) -> Council` (content None: no logo).
`figures`
    `agree(listed, communes, groups, drawn) -> bool`: the figures of a store are those of a list;
    `origin(departement, listed)`: what its manifest says of the list.
`rules`
    `NO_PERSONAL_DATA`, `WHO_HELP`: to be said beside the fields; `records.STATUSES` and
    `territories.TYPES` are the choices.

Every refusal is a `diagnostics.errors.Refused`.
"""
