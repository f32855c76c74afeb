//! Each thread's terms. z3's terms belong to one thread, so they are kept beside the solvers, not in them.

use std::cell::RefCell;
use std::sync::{Arc, Weak};

use model::Family;

use crate::Loaded;
use crate::encoder::Encoder;

/// How many networks a thread keeps the terms of.
const MOST_NETWORKS: usize = 4;

/// One network's terms, as far as they have been asked for.
struct Workspace {
    loaded: Weak<Loaded>,
    v4: Option<Encoder>,
    v6: Option<Encoder>,
}

thread_local! {
    /// The last used first.
    static WORKSPACES: RefCell<Vec<Workspace>> = const { RefCell::new(Vec::new()) };
}

/// Does something with the encoding of a network for one family.
pub(crate) fn with_encoder<T>(
    loaded: &Arc<Loaded>,
    family: Family,
    job: impl FnOnce(&mut Encoder) -> T,
) -> T {
    let mut workspace = take(loaded);
    let encoder = match family {
        Family::V4 => &mut workspace.v4,
        Family::V6 => &mut workspace.v6,
    };
    let encoder =
        encoder.get_or_insert_with(|| Encoder::new(&loaded.network, &loaded.index, family));
    let result = job(encoder);
    WORKSPACES.with_borrow_mut(|workspaces| workspaces.insert(0, workspace));
    result
}

/// The network's workspace, taken out; those of networks that nobody holds any more are given up.
fn take(loaded: &Arc<Loaded>) -> Workspace {
    WORKSPACES.with_borrow_mut(|workspaces| {
        workspaces.retain(|workspace| workspace.loaded.strong_count() > 0);
        let found = workspaces
            .iter()
            .position(|workspace| std::ptr::eq(workspace.loaded.as_ptr(), Arc::as_ptr(loaded)));
        match found {
            Some(position) => workspaces.remove(position),
            None => {
                workspaces.truncate(MOST_NETWORKS.saturating_sub(1));
                Workspace {
                    loaded: Arc::downgrade(loaded),
                    v4: None,
                    v6: None,
                }
            }
        }
    })
}
