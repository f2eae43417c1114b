#![allow(clippy::unwrap_used)]
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use object_store::aws::AmazonS3Builder;
use object_store::memory::InMemory;

use super::test_server::{Response, start, stores};
use super::*;

fn body(n: usize) -> Vec<u8> {
    (0..n).map(|i| (i * 7 % 251) as u8).collect()
}

#[test]
fn failures_that_pass_and_cut_connections_are_mended() {
    let (root, count) = start(|n, request| match n % 3 {
        0 => Response::status(503, "slow down"),
        1 => Response {
            cut_after: Some(1000),
            ..Response::of(request, "\"a\"", &body(5000))
        },
        _ => Response::of(request, "\"a\"", &body(5000)),
    });
    let stores = stores(|_| {});
    let object = Object {
        uri: Uri::parse(&format!("{root}/x.mp3")).unwrap(),
        size: 5000,
        version: Some("\"a\"".to_owned()),
    };
    for _ in 0..3 {
        assert_eq!(stores.read_object(&object, 5000).unwrap(), body(5000));
    }
    assert!(count.load(Ordering::SeqCst) >= 9);
}

#[test]
fn what_does_not_pass_is_told_at_once_and_in_the_words_of_the_store() {
    let xml = "<Error><Code>NoSuchKey</Code><Message>It is gone.</Message><RequestId>7</RequestId></Error>";
    let (root, count) = start(move |_, request| match &*request.path {
        "/gone" => Response::status(404, xml),
        "/mine" => Response::status(403, ""),
        "/other" => Response::of(request, "\"b\"", &body(10)),
        "/short" => Response::of(request, "\"a\"", &body(9)),
        "/down" => Response::status(500, "broken"),
        _ => Response::status(400, "what?"),
    });
    let stores = stores(|settings| settings.retry_s = 0.0);
    let told = |name: &str| {
        let object = Object {
            uri: Uri::parse(&format!("{root}/{name}")).unwrap(),
            size: 10,
            version: Some("\"a\"".to_owned()),
        };
        stores.read_object(&object, 10).unwrap_err()
    };
    let gone = told("gone");
    assert!(matches!(gone, Error::Missing { .. }), "{gone:?}");
    assert!(gone.to_string().contains("NoSuchKey: It is gone."), "{gone}");
    assert!(!gone.to_string().contains("RequestId"), "{gone}");
    assert!(matches!(told("mine"), Error::Forbidden { .. }));
    assert!(matches!(told("other"), Error::Changed { .. }));
    let short = told("short");
    assert!(
        matches!(
            short,
            Error::Truncated {
                expected: 10,
                found: 9
            }
        ),
        "{short:?}"
    );
    assert!(matches!(told("wrong"), Error::Refused { .. }));
    let n = count.load(Ordering::SeqCst);
    assert_eq!(n, 5, "nothing of this is tried again");
    let down = told("down");
    assert!(down.may_pass() && !gone.may_pass(), "{down:?}");
    assert_eq!(count.load(Ordering::SeqCst), n + 1);
    let large = stores.read_object(
        &Object {
            uri: Uri::parse(&format!("{root}/large")).unwrap(),
            size: 11,
            version: None,
        },
        10,
    );
    assert!(matches!(
        large,
        Err(Error::TooLarge {
            n_bytes: 11,
            limit: 10
        })
    ));
    assert_eq!(
        count.load(Ordering::SeqCst),
        n + 1,
        "nothing is asked for that is too large"
    );
}

#[test]
fn large_objects_are_read_range_by_range() {
    let most = Arc::new(AtomicUsize::new(0));
    let seen = most.clone();
    let (root, count) = start(move |_, request| {
        let response = Response::of(request, "\"a\"", &body(10_000));
        seen.fetch_max(
            response.body.len() * usize::from(request.method == "GET"),
            Ordering::SeqCst,
        );
        response
    });
    let stores = stores(|settings| settings.range_bytes = 3000);
    let uri = Uri::parse(&format!("{root}/x")).unwrap();
    assert_eq!(stores.read(&uri, 10_000).unwrap(), body(10_000));
    assert_eq!(
        (count.load(Ordering::SeqCst), most.load(Ordering::SeqCst)),
        (5, 3000)
    );
    assert_eq!(
        stores.read_range(&uri, 9_990..10_000).unwrap(),
        body(10_000)[9_990..]
    );
    assert!(stores.read_range(&uri, 9_990..10_001).is_err());
    let mut copied = Vec::new();
    stores.copy_to(&uri, &mut copied).unwrap();
    assert_eq!(copied, body(10_000));
}

#[test]
fn objects_come_in_any_order_and_no_more_are_held_than_allowed() {
    let under_way = Arc::new((AtomicUsize::new(0), AtomicUsize::new(0)));
    let seen = under_way.clone();
    let (root, _) = start(move |_, request| {
        let (now, most) = &*seen;
        most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        std::thread::sleep(std::time::Duration::from_millis(2));
        now.fetch_sub(1, Ordering::SeqCst);
        match &*request.path {
            "/7" => Response::status(404, ""),
            path => Response::of(request, "", path.as_bytes()),
        }
    });
    for (count, bytes, allowed) in [(4, 1 << 20, 4), (100, 6, 3), (1, 1, 1)] {
        under_way.1.store(0, Ordering::SeqCst);
        let stores = stores(|settings| (settings.ahead_count, settings.ahead_bytes) = (count, bytes));
        let objects = (0..40)
            .map(|i| Object {
                uri: Uri::parse(&format!("{root}/{i}")).unwrap(),
                size: format!("/{i}").len() as u64,
                version: None,
            })
            .collect();
        let ahead = stores.ahead(objects, 100);
        // The last one first: it is not waited for in vain.
        for at in std::iter::once(39).chain(0..39) {
            match ahead.take(at) {
                Ok(bytes) => assert_eq!(bytes, format!("/{at}")),
                Err(error) => assert!(at == 7 && matches!(error, Error::Missing { .. }), "{error}"),
            }
        }
        let most = under_way.1.load(Ordering::SeqCst);
        // One more: that which was taken out of turn.
        assert!(most <= allowed + 1, "{most} of {allowed}");
        assert!(ahead.take(40).is_err() && ahead.take(39).is_err());
    }
}

fn in_memory() -> Stores {
    let stores = Stores::new(Settings::default()).unwrap();
    stores.use_store("s3://b", Arc::new(InMemory::new()));
    stores
}

#[test]
fn a_name_is_given_once_and_listed() {
    let stores = in_memory();
    let uri = |key: &str| Uri::parse(&format!("s3://b/{key}")).unwrap();
    assert_eq!(stores.put_new(&uri("x/p"), "one".into()).unwrap(), Put::Made);
    assert_eq!(stores.put_new(&uri("x/p"), "two".into()).unwrap(), Put::WasThere);
    assert_eq!(stores.read(&uri("x/p"), 10).unwrap(), "one");
    // The request that is tried again after it was done unseen.
    assert_eq!(stores.put_new(&uri("x/p"), "one".into()).unwrap(), Put::Made);
    stores.put(&uri("x/p"), "three".into()).unwrap();
    assert_eq!(stores.read(&uri("x/p"), 10).unwrap(), "three");
    let large = body(40 << 20);
    stores.upload(&uri("x/y/large"), &mut large.as_slice()).unwrap();
    assert!(stores.read(&uri("x/y/large"), u64::MAX).unwrap() == large);
    for i in 0..9000 {
        stores.put(&uri(&format!("many/{i:05}")), "".into()).unwrap();
    }
    let listed: Vec<String> = stores
        .list(&uri("x"))
        .unwrap()
        .map(|object| object.unwrap().uri.to_string())
        .collect();
    assert_eq!(listed, ["s3://b/x/p", "s3://b/x/y/large"]);
    let mut many = stores.list(&uri("many/")).unwrap();
    assert_eq!(many.next().unwrap().unwrap().uri, uri("many/00000"));
    assert_eq!(many.count(), 8999);
    // One that is dropped early is not waited for.
    drop(stores.list(&Uri::parse("s3://b").unwrap()).unwrap());
    let heads = stores.heads(&[uri("x/p"), uri("none")]).unwrap();
    assert!(heads[0].is_ok() && matches!(heads[1], Err(Error::Missing { .. })));
}

/// Stores whose `s3://b` is such a server.
fn s3(root: &str, change: impl FnOnce(&mut Settings)) -> Arc<Stores> {
    let stores = stores(change);
    let s3 = AmazonS3Builder::new()
        .with_bucket_name("b")
        .with_endpoint(root)
        .with_allow_http(true)
        .with_skip_signature(true)
        .with_region("us-east-1")
        .with_retry(stores.settings().retry());
    stores.use_store("s3://b", Arc::new(s3.build().unwrap()));
    stores
}

#[test]
fn what_is_small_is_put_by_one_request() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let requests = seen.clone();
    let (root, _) = start(move |_, request| {
        let line = format!("{} {} {}", request.method, request.path, request.length);
        requests.lock().unwrap().push(line);
        Response {
            etag: "\"a\"",
            ..Response::status(200, "")
        }
    });
    let uri = Uri::parse("s3://b/x/f.parquet").unwrap();
    s3(&root, |_| {}).upload(&uri, &mut &*body(100_000)).unwrap();
    assert_eq!(*seen.lock().unwrap(), ["PUT /b/x/f.parquet 100000"]);
}

#[test]
fn a_put_that_must_find_nothing_is_tried_again_after_a_cut() {
    let (root, count) = start(|n, request| match (n, &*request.method) {
        (0, _) => Response::none(),
        // It had been done before the connection was cut.
        (1, _) => Response::status(412, ""),
        _ => Response::of(request, "\"a\"", b"part"),
    });
    let uri = Uri::parse("s3://b/part").unwrap();
    let put = s3(&root, |_| {}).put_new(&uri, "part".into());
    assert_eq!(put.unwrap(), Put::Made);
    // Two puts, a look and a reading; more where the machine slept meanwhile.
    assert!(count.load(Ordering::SeqCst) >= 4);
    // Without patience it is an error at once.
    let (root, count) = start(|_, _| Response::none());
    let error = s3(&root, |settings| settings.retry_s = 0.0).put_new(&uri, "part".into());
    assert!(error.unwrap_err().may_pass());
    assert_eq!(count.load(Ordering::SeqCst), 1);
}

#[test]
fn waits_grow_so_that_few_tries_span_an_outage() {
    // Ten answers of 503, and then the object: with waits that do not grow, the tries of a request would be over after a second or two,
    // and a store that is away for 20 s needs many more.
    let retry = Settings::default().retry();
    let mut state = 7_u64;
    let mut draw = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let (first, most) = (
        retry.backoff.init_backoff.as_secs_f64(),
        retry.backoff.max_backoff.as_secs_f64(),
    );
    let mut tries: Vec<usize> = (0..1001)
        .map(|_| {
            let (mut wait, mut waited, mut n) = (first, 0.0, 0);
            while waited < retry.retry_timeout.as_secs_f64() {
                waited += wait;
                wait = most.min(first + draw() * (wait * retry.backoff.base - first));
                n += 1;
            }
            n
        })
        .collect();
    tries.sort_unstable();
    assert!(tries[500] < 40, "{} tries in three minutes", tries[500]);
}

#[test]
fn what_cannot_be_listed_or_written_is_refused() {
    let stores = in_memory();
    let web = Uri::parse("https://127.0.0.1:1/x").unwrap();
    assert!(matches!(stores.list(&web).map(drop), Err(Error::ReadOnly { .. })));
    assert!(matches!(stores.put(&web, "".into()), Err(Error::ReadOnly { .. })));
    let plain = Uri::parse("http://127.0.0.1:1/x").unwrap();
    let error = stores.head(&plain).unwrap_err().to_string();
    assert!(error.contains("CRATEDIGGER_ALLOW_HTTP"), "{error}");
}
