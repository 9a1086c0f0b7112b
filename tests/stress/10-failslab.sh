#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Allocations fail: at every site of the module, one at a time, and at random.
# What comes of it is ENOMEM, or a packet that is counted as missed.
PYTHONPATH=$TCPTRACE_SRC/tests/vm/lib PYTHONDONTWRITEBYTECODE=1 \
	exec python3 - <<'EOF'
import collections
import errno
import itertools
import os
import random
import sys

import conserved
import faults
import load
import mapped
import readers
from faults import PAGES, SLAB, Sites, Task, failing
from readers import (CLONE_NEWNET, CLOSE, LIBC, OPEN, Child, Reader, case,
                     check_libc, equal, grown, note, stats, table, unshare,
                     until)

FINIT_MODULE = 313
CACHE = "tcpt_conn"
LAST_OF_LOAD = 100	# allocations: ours come last
AREA = 64	# bytes of one of vmalloc's areas
CONNECTIONS = 60	# at each probability
TURNS = 60		# of each worker
PROGRAM = [(0x6, 0, 0, 0xffff)] * 40
TABLE = "/proc/self/net/tcptrace"

if not faults.available():
    print("1..0 # SKIP no fault injection in this kernel")
    sys.exit()

for kind in SLAB, PAGES:
    faults.order(kind)
sites = Sites()


def insert(**parameters):
    """The module, by this very thread."""
    words = " ".join(f"{key}={value}" for key, value in parameters.items())
    check_libc(LIBC.syscall(FINIT_MODULE, ko, words.encode(), 0))


def check_gone():
    until(lambda: not readers.is_loaded(), "end of the module")
    for path in (readers.DEVICE, "/proc/net/tcptrace",
                 "/proc/net/stat/tcptrace", f"/sys/kernel/slab/{CACHE}"):
        equal(os.path.exists(path), False, path)


def refused(error, *more):
    equal(error.errno in (errno.ENOMEM, *more), True, str(error))


def sweep(what, function, undo, last=None):
    """Each allocation of a call fails once. Return: how many calls failed."""
    task = Task()
    totals = []
    for _ in range(3):	# the first time it fills caches
        total, result = task.count(function)
        totals.append(total)
        undo(result)
    total, failed, hit = min(totals), 0, 0
    for number in range(max(1, total - (last or total)), total + 1):
        fired, result, error = task.fail_nth(number, function)
        hit += fired
        if error:
            refused(error)
            failed += 1
        else:
            undo(result)
    task.close()
    note(f"{what}: {total} allocations, {hit} made to fail, "
         f"{failed} calls failed")
    equal(failed > 0, True, "calls that failed")
    return failed


ko = os.open(os.environ["TCPTRACE_KO"], os.O_RDONLY)


@case("insmod fails with ENOMEM, and nothing of it stays")
def insmod():
    def undo(_):
        readers.unload()
        check_gone()
    sweep("insmod", lambda: insert(hashsize=256), undo, LAST_OF_LOAD)
    check_gone()


def each_of_caches(function, unit):
    """
    What comes from a cache that vm.sh names fails in turn: vmalloc's areas,
    files in procfs. function(Task) returns an errno; unit is the bytes that
    are let through more each time. Return: its codes when something failed.
    """
    codes = []
    for skip in itertools.count():
        task = Task()
        with failing(SLAB, cache_filter="Y", task_filter="Y", times=1,
                     space=skip * unit, probability=100):
            code = function(task)
            came = faults.fired(SLAB)
        task.close()
        if not came:
            return codes
        codes.append(code)


def code_of(function):
    try:
        function()
    except OSError as error:
        return error.errno
    return 0


@case("insmod with a large table: kmalloc, vmalloc and procfs have no memory")
def insmod_large():
    def attempt(task):
        code = task.meant(lambda: code_of(lambda: insert(hashsize=1 << 16)))
        readers.unload()
        check_gone()
        return code
    codes = []
    with failing(PAGES, min_order=2, task_filter="Y", probability=100):
        for _ in range(4):	# how many areas there are differs by one or two
            codes += each_of_caches(attempt, AREA)
    note("codes:", collections.Counter(codes))
    equal(set(codes) - {0}, {errno.ENOMEM}, "errors")


@case("a namespace cannot be made: ENOMEM, and the next one can")
def netns():
    readers.load()
    before = sites.places("tcpt_procfs_create", "net_init", count=True)

    def unshare_in(control):
        task = Task()
        code = task.meant(lambda: code_of(lambda: unshare(CLONE_NEWNET)))
        if not code:
            equal(table(), [], "table of the new namespace")
        control.sendall(b"%d" % code)

    def attempt(_):
        with Child(unshare_in) as child:
            code = int(child.hear(64))
            child.end()
        return code

    with open("/sys/kernel/slab/proc_dir_entry/object_size") as file:
        codes = each_of_caches(attempt, int(file.read()))
    note("codes:", collections.Counter(codes))
    # which part of the kernel says what is not the module's affair
    equal(errno.ENOMEM in codes, True, "ENOMEM")
    equal(sites.places("tcpt_procfs_create", "net_init", count=True) > before,
          True, "it came to the module's")
    equal(attempt(None), 0, "the next one")


@case("open, IOC_RING, IOC_FILTER, mmap and the table: ENOMEM, then as before")
def calls():
    readers.load()
    unshare(CLONE_NEWNET)
    load.prepare_netns()
    before = stats()
    close = os.close
    sweep("open", lambda: os.open(readers.DEVICE, os.O_RDONLY), close)
    sweep("open the table", lambda: os.open(TABLE, os.O_RDONLY), close)
    with Reader(OPEN) as reader:
        for kib in 64, 1024:
            sweep(f"IOC_RING {kib} KiB", lambda kib=kib: reader.resize(
                kib << 10), lambda size, kib=kib: equal(size, kib << 10))
        sweep("IOC_FILTER", lambda: reader.set_filter(PROGRAM), lambda _: 0)
        sweep("mmap", lambda: mapped.map_pages(reader.fd, mapped.PRODUCER, 2),
              lambda address: mapped.unmap(address, 2))
        reader.resize(1 << 19)	# EBUSY if a mapping were left
        server = load.listener()
        load.whole_connection(server)
        equal(len(reader.drain()), 1, "OPEN")
        equal((reader.info().ring_size, reader.info().lost), (1 << 19, 0),
              "the ring")
        server.close()
    moved = grown(before, stats())
    equal((moved["opened"], moved.get("no_memory")), (1, None), str(moved))


# What allocates in the module, by its text: the function called, the function
# that calls it, and how often it does.
SITES = {
    ("kvmalloc_node", "tcpt_table_init"): 2,	# buckets, locks
    ("kmem_cache_create", "tcpt_table_init"): 1,
    ("register_pernet_subsys", "tcptrace_init"): 1,
    ("proc_create_net_data", "tcpt_procfs_create"): 3,
    ("nf_register_net_hooks", "net_init"): 1,
    ("misc_register", "tcptrace_init"): 1,
    ("kmalloc_trace|kmem_cache_alloc_trace", "tcpt_reader_new"): 1,
    ("__vmalloc", "tcpt_ring_init"): 2,	# the data, both positions
    ("__vmalloc", "tcpt_ring_resize"): 1,
    ("bpf_prog_create_from_user", "tcpt_reader_set_filter"): 1,
}


@case("every site of the module has failed, by the kernel's stack dumps")
def every_site():
    for site, count in sorted(sites.look().items()):
        note(count, *site)
    found = {names: sites.places(*names) for names in SITES}
    equal({names: number for names, number in found.items()
           if number < SITES[names]}, {}, "too few call sites")


@case("no memory for a connection: it is counted, the traffic does not notice")
def connections():
    server = load.listener()
    bursts = load.Bursts()
    with Reader(OPEN, CLOSE) as reader:
        for probability in 1, 5, 20, 50, 100:
            before = stats()
            # of the caches that may fail, this one alone cannot wait
            with failing(SLAB, cache_filter="Y", ignore_gfp_wait="Y",
                         probability=probability, verbose=0):
                for _ in range(CONNECTIONS):
                    load.whole_connection(server)
                bursts.send(CONNECTIONS)
            conserved.check()
            records, moved = reader.drain(), grown(before, stats())
            note(f"{probability} %: {moved}")
            for kind, name in (OPEN, "opened"), (CLOSE, "closed"):
                equal(sum(r.type == kind for r in records),
                      moved.get(name, 0), name)
            equal(bool(moved.get("opened")), probability < 100, "opened")
            if probability >= 20:
                equal(moved["no_memory"] > 0, True, "counted as missed")
        before = stats()
        load.whole_connection(server)
        equal("no_memory" in grown(before, stats()), False, "missed later")
    server.close()


def attempts(control, choices):
    """Calls, of which some fail. Tells how many, and how many got ENOMEM."""
    task, rng, done, failed = Task(), random.Random(os.getpid()), 0, 0
    for _ in range(TURNS):
        try:
            rng.choice(choices)(task)
        except (OSError, MemoryError) as error:
            if isinstance(error, OSError):
                refused(error, errno.EBUSY)
            failed += 1
        done += 1
    control.sendall(b"%d %d" % (done, failed))


def use_reader(task):
    fd = task.meant(lambda: os.open(readers.DEVICE, os.O_RDONLY |
                                    os.O_NONBLOCK))
    reader = Reader.__new__(Reader)
    reader.fd = fd
    with reader:
        reader.mask(OPEN, CLOSE)
        task.meant(lambda: reader.resize(1 << random.randrange(12, 20)))
        task.meant(lambda: reader.set_filter(PROGRAM))
        mapped.unmap(task.meant(
            lambda: mapped.map_pages(fd, mapped.PRODUCER, 2)), 2)
        equal(readers.check_sequence(reader.drain()) >= 0, True, "sequence")


def read_table(task):
    task.meant(lambda: os.close(os.open(TABLE, os.O_RDONLY)))
    table()


def new_netns(task):
    if task.meant(lambda: code_of(lambda: unshare(CLONE_NEWNET))):
        raise MemoryError	# whichever part of the kernel said so
    equal(table(), [], "table of the new namespace")


@case("readers, namespaces and traffic, while all kinds of memory are short")
def all_at_once():
    server = load.Program("serve", "127.0.0.1", 5001)
    churn = load.Program("churn", "127.0.0.1", 5001)
    before = stats()
    for probability in 1, 5, 20:
        with failing(SLAB, task_filter="Y", probability=probability,
                     verbose=0), \
                failing(PAGES, task_filter="Y", probability=probability,
                        verbose=0):
            children = [Child(attempts, choices) for choices in
                        ([use_reader], [use_reader, read_table], [new_netns])]
            told = [child.hear(64).split() for child in children]
            for child in children:
                child.end()
        note(f"{probability} %: calls and failures of each:",
             [tuple(map(int, words)) for words in told])
        equal({int(done) for done, _ in told}, {TURNS}, "calls")
    equal(sum(int(failed) for _, failed in told) > 0, True, "failures")
    done, errors = churn.end()
    server.end()
    equal((done > 10, errors), (True, 0), "connections of the traffic")
    conserved.check()
    moved = grown(before, stats())
    note(moved)
    equal(moved.get("no_memory", 0), 0, "missed")


@case("insmod at random, and the end")
def insmod_random():
    readers.unload()
    task, failed = Task(), 0
    for probability in 1, 1, 2, 5, 10, 20:
        with failing(SLAB, task_filter="Y", probability=probability,
                     verbose=0):
            try:
                task.meant(insert)
            except OSError as error:
                refused(error)
                failed += 1
        readers.unload()
        check_gone()
    task.close()
    note(f"{failed} of 6 failed")


# that there is no memory is said in many ways
readers.run(".*")
EOF
