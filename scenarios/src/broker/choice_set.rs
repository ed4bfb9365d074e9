//! The macro behind [`FaultSet`](super::FaultSet), [`VariantSet`](super::VariantSet) and those of the client: a bit set over a fieldless enum.

macro_rules! choice_set {
    ($(#[$doc:meta])* $set:ident of $item:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
        pub struct $set([u64; 8]);

        impl $set {
            /// The set of none.
            pub const EMPTY: Self = Self([0; 8]);

            /// The set of one.
            pub const fn only(item: $item) -> Self {
                Self::EMPTY.with(item)
            }

            /// This set and `item`.
            #[must_use]
            pub const fn with(mut self, item: $item) -> Self {
                let index = item as usize;
                self.0[index / 64] |= 1 << (index % 64);
                self
            }

            /// Whether `item` is in the set.
            pub const fn contains(&self, item: $item) -> bool {
                let index = item as usize;
                self.0[index / 64] & (1 << (index % 64)) != 0
            }

            /// Puts `item` in the set.
            pub const fn insert(&mut self, item: $item) {
                *self = self.with(item);
            }

            /// Whether the set holds none.
            pub fn is_empty(&self) -> bool {
                *self == Self::EMPTY
            }

            /// The items of the set, in the order of the table.
            pub fn iter(&self) -> impl Iterator<Item = $item> + '_ {
                $item::ALL.iter().copied().filter(|item| self.contains(*item))
            }
        }

        impl FromIterator<$item> for $set {
            fn from_iter<I: IntoIterator<Item = $item>>(items: I) -> Self {
                items.into_iter().fold(Self::EMPTY, |set, item| set.with(item))
            }
        }

        impl From<$item> for $set {
            fn from(item: $item) -> Self {
                Self::only(item)
            }
        }

        impl core::fmt::Debug for $set {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.debug_set().entries(self.iter().map($item::id)).finish()
            }
        }

        impl core::fmt::Display for $item {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str(self.id())
            }
        }
    };
}

pub(crate) use choice_set;
