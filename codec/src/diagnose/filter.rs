//! Topic Filters (4.7) and Shared Subscriptions (4.8.2).

use alloc::format;

use super::ViolationKind as Kind;
use super::walker::Walker;

const SHARE: &[u8] = b"$share/";

/// Whether the filter names a Shared Subscription, well-formed or not; only 5.0 has them.
pub(super) fn is_shared(filter: &[u8]) -> bool {
    filter.starts_with(SHARE)
}

impl Walker<'_> {
    pub(super) fn check_filter(&mut self, content: usize, filter: &[u8]) {
        if filter.is_empty() {
            self.violate(Kind::TopicFilterEmpty, content, "Topic Filter", "topic filter is empty");
        } else if self.v5() && is_shared(filter) {
            self.check_shared(content, filter);
        } else {
            self.check_levels(content, filter);
        }
    }

    fn check_shared(&mut self, content: usize, filter: &[u8]) {
        let rest = &filter[SHARE.len()..];
        let at = content + SHARE.len();
        let slash = rest.iter().position(|byte| *byte == b'/');
        let name = &rest[..slash.unwrap_or(rest.len())];
        if name.is_empty() {
            self.violate(Kind::ShareNameEmpty, at, "Topic Filter", "share name of the topic filter is empty");
        }
        if let Some(index) = name.iter().position(|byte| matches!(byte, b'#' | b'+')) {
            let message = format!("share name of the topic filter contains `{}`", char::from(name[index]));
            self.violate(Kind::ShareNameWildcard, at + index, "Topic Filter", message);
        }
        match slash.map(|slash| slash + 1).filter(|start| *start < rest.len()) {
            Some(start) => self.check_levels(at + start, &rest[start..]),
            None => {
                let message = "no topic filter follows the share name";
                self.violate(Kind::ShareFilterMissing, at + rest.len(), "Topic Filter", message);
            }
        }
    }

    fn check_levels(&mut self, content: usize, filter: &[u8]) {
        let mut start = 0;
        for level in filter.split(|byte| *byte == b'/') {
            let last = start + level.len() == filter.len();
            let hash = level.iter().position(|byte| *byte == b'#');
            if let Some(index) = hash.filter(|_| level.len() > 1 || !last) {
                let message = "topic filter has `#` elsewhere than alone in its last level";
                self.violate(Kind::MultiLevelWildcardMisplaced, content + start + index, "Topic Filter", message);
            }
            let plus = level.iter().position(|byte| *byte == b'+');
            if let Some(index) = plus.filter(|_| level.len() > 1) {
                let message = "topic filter has `+` beside other characters of a level";
                self.violate(Kind::SingleLevelWildcardMisplaced, content + start + index, "Topic Filter", message);
            }
            start += level.len() + 1;
        }
    }
}
