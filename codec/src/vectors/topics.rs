//! Topic Names and Topic Filters (4.7) and Shared Subscriptions (4.8.2), right and wrong, in every field that holds one.

use alloc::format;

use super::builder::Builder;
use super::slot::{self, Holds, Slot};

/// A name for the id, the text, and what is special about it.
type Row = (&'static str, &'static str, &'static str);

const NAMES: &[Row] = &[
    ("hash", "#", "`#` alone"),
    ("plus", "+", "`+` alone"),
    ("hash-level", "a/#", "`#` for a level"),
    ("plus-level", "a/+", "`+` for a level"),
    ("plus-first", "+/a", "`+` for the first level"),
    ("hash-in-level", "a#", "`#` in a level"),
    ("plus-in-level", "a+b", "`+` in a level"),
    ("hash-late", "sport/tennis/player1/ranking/#", "`#` after more than 16 bytes"),
    ("plus-late", "sport/tennis/player1/ranking+", "`+` after more than 16 bytes"),
    ("hash-and-plus", "+/#", "both wildcards"),
    ("slash", "/", "a separator alone: two empty levels"),
    ("slashes", "//", "separators alone: three empty levels"),
    ("trailing-slash", "a/", "an empty last level"),
    ("leading-slash", "/a", "an empty first level"),
    ("empty-level", "a//b", "an empty level"),
    ("space", "a b/ c", "spaces"),
    ("dollar", "$", "`$` alone"),
    ("sys", "$SYS/x", "a topic of the server's own"),
    ("share", "$share/g/t", "what would be a Shared Subscription if it were a filter"),
    ("case", "A/b", "capitals, which are not small letters"),
    ("punctuation", "!\"%&'()*,-.:;<=>?@[\\]^_`{|}~", "every other ASCII punctuation mark"),
    ("beside-wildcards", "\"$*,", "the neighbours of the wildcards in ASCII"),
    ("many-levels", "a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q/r/s/t/u/v/w/x/y/z/0/1/2/3/4/5/6/7", "34 levels"),
];

const FILTERS: &[Row] = &[
    ("hash", "#", "`#` alone"),
    ("plus", "+", "`+` alone"),
    ("plus-plus", "+/+", "`+` for every level"),
    ("plus-first", "/+", "an empty level and `+`"),
    ("plus-last", "+/", "`+` and an empty level"),
    ("plus-inside", "a/+/b", "`+` for a level inside"),
    ("plus-twice", "a/+/+/b", "`+` for two levels inside"),
    ("hash-last", "a/#", "`#` for the last level"),
    ("hash-after-slash", "/#", "an empty level and `#`"),
    ("plus-hash", "+/#", "`+` and `#`"),
    ("plus-inside-hash", "+/b/+/#", "`+`, text, `+` and `#`"),
    ("sys", "$SYS/#", "topics of the server's own"),
    ("sys-plus", "$SYS/+/x", "`+` below `$SYS`"),
    ("slash", "/", "a separator alone"),
    ("slashes", "///", "separators alone"),
    ("empty-level", "a//b", "an empty level"),
    ("late-hash", "sport/tennis/player1/ranking/#", "`#` after more than 16 bytes"),
    ("dollar-share", "$share", "`$share` without a separator: a plain filter"),
    ("dollar-shared", "$shared/g/t", "what only begins like a Shared Subscription"),
    ("dollar-share-case", "$SHARE/g/t", "`$SHARE`, which is not `$share`"),
    ("shared", "$share/g/t", "a Shared Subscription"),
    ("shared-hash", "$share/g/#", "a Shared Subscription to everything"),
    ("shared-plus", "$share/g/+/x", "a Shared Subscription with `+`"),
    ("shared-slash", "$share/g//", "a Shared Subscription to `/`"),
    ("shared-space", "$share/ /t", "a ShareName that is a space"),
    ("shared-umlaut", "$share/ä/t", "a ShareName that is not ASCII"),
    ("shared-sys", "$share/g/$SYS/x", "a Shared Subscription to a topic of the server's own"),
    ("shared-share", "$share/$share/$share/g/t", "a Shared Subscription to `$share/g/t`"),
    ("hash-hash", "##", "`#` twice in a level"),
    ("hash-in-level", "a#", "`#` after text"),
    ("hash-before-text", "#a", "`#` before text"),
    ("hash-not-last", "#/a", "`#` before another level"),
    ("hash-before-slash", "#/", "`#` before an empty level"),
    ("hash-inside", "a/#/b", "`#` inside"),
    ("hash-in-last", "a/b#", "`#` after text in the last level"),
    ("hash-between", "a/#b", "`#` before text in the last level"),
    ("hash-twice", "#/#", "`#` for two levels"),
    ("late-hash-in-level", "sport/tennis/player1/ranking#", "`#` in a level after more than 16 bytes"),
    ("plus-in-level", "a+", "`+` after text"),
    ("plus-before-text", "+a", "`+` before text"),
    ("plus-in-last", "a/b+", "`+` after text in the last level"),
    ("plus-in-first", "+a/b", "`+` before text in the first level"),
    ("plus-double", "++", "`+` twice in a level"),
    ("plus-double-inside", "a/++/b", "`+` twice in a level inside"),
    ("plus-and-hash", "+#", "`+` and `#` in a level"),
    ("hash-and-plus", "a/#+", "`#` and `+` in a level"),
    ("late-plus-in-level", "sport/tennis/player1/rank+ing", "`+` in a level after more than 16 bytes"),
    ("shared-nothing", "$share/", "nothing after `$share/`"),
    ("shared-no-filter", "$share/g", "a ShareName without a filter"),
    ("shared-empty-filter", "$share/g/", "a ShareName with an empty filter"),
    ("shared-no-name", "$share//t", "an empty ShareName"),
    ("shared-name-plus", "$share/+/t", "`+` for a ShareName"),
    ("shared-name-hash", "$share/#/t", "`#` for a ShareName"),
    ("shared-name-with-plus", "$share/g+/t", "`+` in a ShareName"),
    ("shared-name-with-hash", "$share/g#/t", "`#` in a ShareName"),
    ("shared-hash-in-level", "$share/g/a#", "`#` after text in a Shared Subscription"),
    ("shared-hash-inside", "$share/g/#/b", "`#` inside a Shared Subscription"),
    ("shared-plus-in-level", "$share/g/a+", "`+` after text in a Shared Subscription"),
];

pub(super) fn add(builder: &mut Builder) {
    for slot in slot::in_fields(builder.version) {
        match slot.holds {
            Holds::TopicName => add_rows(builder, &slot, NAMES),
            Holds::TopicFilter => add_rows(builder, &slot, FILTERS),
            _ => {}
        }
    }
    for slot in slot::in_properties(builder.version).iter().filter(|slot| slot.holds == Holds::ResponseTopic) {
        add_rows(builder, slot, NAMES);
    }
}

fn add_rows(builder: &mut Builder, slot: &Slot, rows: &[Row]) {
    for (name, text, what) in rows {
        let id = format!("{}/topic-{name}", slot.id);
        let shared = text.starts_with("$share/");
        let v5 = builder.v5();
        let comment = if shared && !v5 && slot.holds == Holds::TopicFilter {
            format!("{} is `{text}`, no Shared Subscription before 5.0", slot.label)
        } else {
            format!("{} is `{text}`: {what}", slot.label)
        };
        let added = builder.raw(id, &slot.with_bytes(text.as_bytes()), comment);
        if slot.holds != Holds::TopicFilter {
            continue;
        }
        if shared {
            let added = added.rests_on(&["MQTT-4.8.2-1", "MQTT-4.8.2-2"], &[]).unusual();
            // Servers of 3.1.1 that know Shared Subscriptions as an extension read it as one.
            if !v5 {
                added.may_refuse();
            }
        } else if text.contains('#') {
            added.rests_on(&["MQTT-4.7.1-1"], &["MQTT-4.7.1-2"]);
        } else if text.contains('+') {
            added.rests_on(&["MQTT-4.7.1-2"], &["MQTT-4.7.1-3"]);
        }
    }
}
