//! Workers: independent jobs on several threads, with results as if they had been done one after the other.
//!
//! z3's terms belong to one thread, and which of several witnesses it finds depends on all terms that it has there. So
//! each job has a thread of its own, and encodes of the network what it asks after: what comes out is the same for any
//! number of workers, and for a job alone. Threads are plain ones: one of rayon's that waits for a part of its work may
//! take a job of another claim up meanwhile, and hold the terms of both; and when all of its threads wait for the
//! evaluator, none is left to do its work.

use std::num::NonZeroUsize;
use std::panic;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::{self, ScopedJoinHandle};

use model::Network;

/// What the main thread has: terms are deep, and threads have less where nobody asks for more.
const STACK_BYTES: usize = 8 << 20;

/// How many interfaces all workers together may have encoded, unless somebody says how many workers there are: about
/// 12 KB each, so that many cores do not need more memory than there is.
const MOST_INTERFACES: usize = 200_000;

/// How many workers do a number of jobs: as many as were asked for, else one for each core as far as memory goes, and
/// no more than jobs.
pub(crate) fn number(asked: Option<NonZeroUsize>, jobs: usize, network: &Network) -> usize {
    let interfaces = network.network_interfaces().len();
    asked
        .map_or_else(|| by_itself(interfaces), NonZeroUsize::get)
        .min(jobs)
}

fn by_itself(interfaces: usize) -> usize {
    let cores = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let affordable = MOST_INTERFACES.checked_div(interfaces).unwrap_or(cores);
    cores.min(affordable).max(1)
}

/// What a worker tells.
enum Told<T, E> {
    Begun(usize),
    Done(usize, Result<T, E>),
}

/// Does jobs, and gives their results in the order of the jobs. `begun` is told each job that is begun, in this
/// thread.
///
/// # Errors
///
/// That of the first job, in their order, that has one. Jobs that were not begun by then are left out.
pub(crate) fn in_order<J: Sync, T: Send, E: Send>(
    jobs: &[J],
    workers: usize,
    work: impl Fn(&J) -> Result<T, E> + Sync,
    mut begun: impl FnMut(&J),
) -> Result<Vec<T>, E> {
    if workers <= 1 {
        let one_by_one = jobs.iter().map(|job| {
            begun(job);
            apart(&|| work(job))
        });
        return one_by_one.collect();
    }
    let next = AtomicUsize::new(0);
    let (sender, receiver) = mpsc::channel();
    thread::scope(|scope| {
        let work = |sender: &Sender<_>| one_after_the_other(jobs, &next, sender, &work);
        let mut threads = Vec::new();
        for _ in 0..workers {
            let sender = sender.clone();
            // A machine that gives no more threads has some workers less.
            threads.extend(thread::Builder::new().spawn_scoped(scope, move || work(&sender)));
        }
        if threads.is_empty() {
            work(&sender);
        }
        drop(sender);
        let results = gather(jobs, receiver, begun);
        threads.into_iter().for_each(joined);
        results
    })
}

/// Does something in a thread of its own, or in this one where the machine gives no more.
fn apart<T: Send>(work: &(impl Fn() -> T + Sync)) -> T {
    thread::scope(|scope| {
        let builder = thread::Builder::new().stack_size(STACK_BYTES);
        let thread = builder.spawn_scoped(scope, work);
        thread.map_or_else(|_| work(), joined)
    })
}

/// What a thread's work comes to. A scope waits for the work only; z3 must not end with the program while a thread
/// gives terms up.
fn joined<T>(thread: ScopedJoinHandle<'_, T>) -> T {
    thread
        .join()
        .unwrap_or_else(|panicked| panic::resume_unwind(panicked))
}

/// Takes the next job until there is none; one that fails is the last for all.
fn one_after_the_other<J: Sync, T: Send, E: Send>(
    jobs: &[J],
    next: &AtomicUsize,
    sender: &Sender<Told<T, E>>,
    work: &(impl Fn(&J) -> Result<T, E> + Sync),
) {
    loop {
        let index = next.fetch_add(1, Ordering::Relaxed);
        let Some(job) = jobs.get(index) else { return };
        let result = sender.send(Told::Begun(index));
        let result = result.map(|()| apart(&|| work(job)));
        let Ok(result) = result else { return };
        if result.is_err() {
            // Those before it were begun, so that the first error of all is found in any case.
            next.fetch_max(jobs.len(), Ordering::Relaxed);
        }
        if sender.send(Told::Done(index, result)).is_err() {
            return;
        }
    }
}

fn gather<J, T, E>(
    jobs: &[J],
    receiver: Receiver<Told<T, E>>,
    mut begun: impl FnMut(&J),
) -> Result<Vec<T>, E> {
    let mut done = Vec::new();
    for told in receiver {
        match told {
            Told::Begun(index) => jobs.get(index).into_iter().for_each(&mut begun),
            Told::Done(index, result) => done.push((index, result)),
        }
    }
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;
    use std::sync::atomic::AtomicBool;
    use std::time::Duration;

    use super::*;

    fn square(n: &u64) -> Result<u64, u64> {
        if n % 10 == 7 { Err(*n) } else { Ok(n * n) }
    }

    #[test]
    fn results_come_in_the_order_of_the_jobs_for_any_number_of_workers() {
        let jobs: Vec<u64> = (0..7).collect();
        let expected: Vec<u64> = jobs.iter().map(|n| n * n).collect();
        for workers in [1, 2, 3, 7] {
            let mut begun = Vec::new();
            let results = in_order(&jobs, workers, square, |job| begun.push(*job));
            assert_eq!(results, Ok(expected.clone()));
            begun.sort_unstable();
            assert_eq!(begun, jobs, "each is told once");
        }
    }

    #[test]
    fn the_first_error_in_the_order_of_the_jobs_counts() {
        let jobs: Vec<u64> = (0..100).collect();
        for workers in [1, 2, 8] {
            assert_eq!(in_order(&jobs, workers, square, |_| ()), Err(7));
        }
        // The second job fails before the first one does.
        let both = Barrier::new(2);
        let second_is_done = Barrier::new(2);
        let work = |job: &u64| -> Result<(), u64> {
            both.wait();
            second_is_done.wait();
            if *job == 0 {
                thread::yield_now();
            }
            Err(*job)
        };
        assert_eq!(in_order(&[0, 1], 2, work, |_| ()), Err(0));
    }

    #[test]
    fn a_result_that_comes_late_stands_in_its_place() {
        let others_are_done = AtomicBool::new(false);
        let work = |job: &u64| -> Result<u64, ()> {
            match job {
                0 => {
                    while !others_are_done.load(Ordering::Acquire) {
                        thread::yield_now();
                    }
                }
                // The other worker begins it when it has told the result of the second one.
                2 => others_are_done.store(true, Ordering::Release),
                _ => {}
            }
            Ok(*job)
        };
        assert_eq!(in_order(&[0, 1, 2], 2, work, |_| ()), Ok(vec![0, 1, 2]));
    }

    #[test]
    fn after_an_error_no_more_jobs_are_begun() {
        let jobs: Vec<u64> = (0..2_000).collect();
        let slow_but_the_first = |job: &u64| match job {
            0 => Err(0),
            _ => {
                thread::sleep(Duration::from_millis(1));
                Ok(())
            }
        };
        for workers in [1, 2, 4] {
            let mut n_begun = 0;
            let result = in_order(&jobs, workers, slow_but_the_first, |_| n_begun += 1);
            assert_eq!(result, Err(0));
            assert!(n_begun < jobs.len(), "{n_begun} begun by {workers}");
        }
    }

    #[test]
    fn a_panic_of_a_worker_is_passed_on() {
        let work = |job: &u64| -> Result<u64, ()> {
            assert!(*job != 3, "the third job");
            Ok(*job)
        };
        for workers in [1, 2] {
            let jobs = [1, 2, 3, 4];
            let all = panic::AssertUnwindSafe(|| in_order(&jobs, workers, work, |_| ()));
            let panicked = panic::catch_unwind(all).expect_err("it does not come back");
            let told = panicked.downcast_ref::<&str>();
            assert_eq!(told, Some(&"the third job"), "{workers}");
        }
    }

    #[test]
    fn jobs_are_done_side_by_side() {
        let meet = Barrier::new(3);
        let work = |_: &u64| -> Result<bool, ()> {
            meet.wait();
            Ok(true)
        };
        assert_eq!(in_order(&[1, 2, 3], 3, work, |_| ()), Ok(vec![true; 3]));
    }

    #[test]
    fn there_are_never_more_workers_than_jobs() {
        let network = model::NetworkDraft::default().validate().unwrap();
        let asked = NonZeroUsize::new(8);
        let numbers = [3, 0, 100].map(|jobs| number(asked, jobs, &network));
        assert_eq!(numbers, [3, 0, 8]);
        assert!(number(None, 1000, &network) >= 1);
    }

    #[test]
    fn a_large_network_is_encoded_fewer_times_but_once_at_least() {
        assert_eq!(by_itself(MOST_INTERFACES), 1);
        assert_eq!(by_itself(10 * MOST_INTERFACES), 1);
        assert!(by_itself(MOST_INTERFACES / 2) <= 2);
    }
}
