#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Make allocations fail at the call sites in the module, one at a time, and at
random. The result must be ENOMEM, or a packet that is counted as not
tracked."""
import collections
import errno
import itertools
import os
import random
import sys

import fault_injection
import module
from case import case, run
from check import PATIENCE, equal, note, until
from device import DEVICE, Reader
from fault_injection import PAGES, SLAB, Sites, Task, failing
from libc import CLONE_NEWNET, LIBC, check_libc, unshare
from mapping import PRODUCER, map_pages, unmap
from netns import isolate
from proc import Child, read_file
from procfs import TABLE, check_conserved, grown, stats, table
from programs import Traffic
from raw import Bursts
from records import CLOSE, DROP, OPEN, check_sequence
from slab import PACKED, has_cache, used
from sockets import close_both, exchange, listener, pair, whole_connection

FINIT_MODULE = 313
OTHERS = 60	# at most so many allocations follow those of the module's init
AREA = 64	# bytes of one of vmalloc's areas
CONNECTIONS = 60	# at each probability
IDLE = 300		# connections that are packed
TURNS = 60		# of each worker
PROGRAM = [(0x6, 0, 0, 0xffff)] * 40

if not fault_injection.available():
    print("1..0 # SKIP no fault injection in this kernel")
    sys.exit()

for kind in SLAB, PAGES:
    fault_injection.configure(kind)
sites = Sites()


def insert(**parameters):
    """Load the module by a system call of this thread, so that the call's
    allocations can be made to fail."""
    words = " ".join(f"{key}={value}" for key, value in parameters.items())
    check_libc(LIBC.syscall(FINIT_MODULE, ko, words.encode(), 0))


def check_gone():
    until(lambda: not module.is_loaded(), "removal of the module")
    for path in DEVICE, "/proc/net/tcptrace", "/proc/net/stat/tcptrace":
        equal(os.path.exists(path), False, path)
    equal(has_cache(), False, "a slab cache")


def refused(error, *more):
    equal(error.errno in (errno.ENOMEM, *more), True, str(error))


def no_site_in(row):
    """Return: a function that returns True if the failures before the last
    @row calls of it were not at call sites in the module."""
    before, calls = sum(sites.read().values()), 0

    def check():
        nonlocal before, calls
        now = sum(sites.read().values())
        calls = 0 if now > before else calls + 1
        before = now
        return calls == row
    return check


def sweep(what, function, undo, is_over=lambda: False):
    """Count the allocations of a call. Then repeat the call, and each time let
    a different allocation fail: the last one first, and the others until
    is_over() is true. Return: the number of calls that failed."""
    task = Task()
    totals = []
    for _ in range(3):	# the first call fills caches
        total, result = task.count(function)
        totals.append(total)
        undo(result)
    total, failed, hit = min(totals), 0, 0
    for number in range(total, 0, -1):
        fired, result, error = task.fail_nth(number, function)
        hit += fired
        if error:
            refused(error)
            failed += 1
        else:
            undo(result)
        if is_over():
            break
    task.close()
    note(f"{what}: {total} allocations, {hit} made to fail, "
         f"{failed} calls failed")
    equal(failed > 0, True, "calls that failed")
    return failed


ko = os.open(os.environ["TCPTRACE_KO"], os.O_RDONLY)


@case("insmod fails with ENOMEM, and nothing is left")
def insmod():
    def undo(_):
        module.unload()
        check_gone()
    # the module's init makes the last allocations, but for a few
    sweep("insmod", lambda: insert(hashsize=256), undo, no_site_in(OTHERS))
    check_gone()


def each_of_caches(function, unit):
    """Call function(Task), which returns an errno, until no allocation fails.
    In each call but the last, the allocation of one vmalloc area or procfs file
    fails: vm.sh enables failslab for the slab caches of vmalloc areas and
    procfs files. The failure occurs @unit allocated bytes later than in the
    previous call. Return: the errnos of the calls in which an allocation
    failed."""
    codes = []
    for skip in itertools.count():
        task = Task()
        with failing(SLAB, cache_filter="Y", task_filter="Y", times=1,
                     space=skip * unit, probability=100):
            code = function(task)
            came = fault_injection.fired(SLAB)
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


@case("insmod with a large table: kmalloc, vmalloc and procfs fail")
def insmod_large():
    def attempt(task):
        code = task.failing(lambda: code_of(lambda: insert(hashsize=1 << 16)))
        module.unload()
        check_gone()
        return code
    codes = []
    with failing(PAGES, min_order=2, task_filter="Y", probability=100):
        for _ in range(4):	# the number of areas varies
            codes += each_of_caches(attempt, AREA)
    note("codes:", collections.Counter(codes))
    equal(set(codes) - {0}, {errno.ENOMEM}, "errors")


@case("creation of a namespace fails with ENOMEM, and the next one succeeds")
def netns():
    module.load()
    before = sites.count("tcpt_procfs_create", "net_init", failures=True)

    def unshare_in(control):
        task = Task()
        code = task.failing(lambda: code_of(lambda: unshare(CLONE_NEWNET)))
        if not code:
            equal(table(), [], "table of the new namespace")
        control.sendall(b"%d" % code)

    def attempt(_):
        with Child(unshare_in) as child:
            code = int(child.hear(64))
            child.end()
        return code

    size = int(read_file("/sys/kernel/slab/proc_dir_entry/object_size"))
    codes = each_of_caches(attempt, size)
    note("codes:", collections.Counter(codes))
    # other parts of the kernel may return different errors
    equal(errno.ENOMEM in codes, True, "ENOMEM")
    equal(sites.count("tcpt_procfs_create", "net_init", failures=True) > before,
          True, "failures in the module")
    equal(attempt(None), 0, "the next one")


@case("open, ioctls, mmap and the table: ENOMEM, then success")
def calls():
    module.load()
    isolate()
    before = stats()
    close = os.close
    sweep("open", lambda: os.open(DEVICE, os.O_RDONLY), close)
    sweep("open the table", lambda: os.open(TABLE, os.O_RDONLY), close)
    with Reader(OPEN) as reader:
        for kib in 64, 1024:
            sweep(f"IOC_RING {kib} KiB", lambda kib=kib: reader.resize(
                kib << 10), lambda size, kib=kib: equal(size, kib << 10))
        sweep("IOC_FILTER", lambda: reader.set_filter(PROGRAM), lambda _: 0)
        sweep("IOC_MASK DROP", lambda: reader.mask(DROP),
              lambda _: reader.mask(OPEN))
        sweep("mmap", lambda: map_pages(reader.fd, PRODUCER, 2),
              lambda address: unmap(address, 2))
        reader.resize(1 << 19)	# EBUSY would mean that a mapping is left
        server = listener()
        whole_connection(server)
        equal(len(reader.drain()), 1, "OPEN")
        equal((reader.info().ring_size, reader.info().lost), (1 << 19, 0),
              "the ring")
        server.close()
    moved = grown(before)
    equal((moved["opened"], moved["no_memory"]), (1, 0), str(moved))


@case("IOC_MASK DROP: kmalloc and vmalloc fail")
def follow():
    with Reader(OPEN) as reader:
        def attempt(task):
            code = task.failing(lambda: code_of(lambda: reader.mask(DROP)))
            reader.mask(OPEN)
            return code
        with failing(PAGES, min_order=2, task_filter="Y", probability=100):
            codes = each_of_caches(attempt, AREA)
    note("codes:", collections.Counter(codes))
    equal(set(codes) - {0}, {errno.ENOMEM}, "errors")


# Call sites in the module's source that the stack dumps must show: (callee,
# caller): number of calls. If the compiler may inline the caller, its own
# callers follow after "|".
SITES = {
    # buckets, locks; for small sizes, kvmalloc_node() may end in a tail call of
    # __kmalloc_node(), and is then missing in the stack dump
    ("kvmalloc_node|__kmalloc_node", "tcpt_table_init"): 2,
    ("kmem_cache_create", "init_caches|tcpt_table_init"): 3,
    ("kvmalloc_node", "alloc_queues|start|tcpt_fate_get"): 1,
    ("tracepoint_probe_register", "start|tcpt_fate_get"): 1,
    ("register_pernet_subsys", "tcptrace_init"): 1,
    ("proc_create_data", "tcpt_procfs_create"): 1,	# the table
    ("proc_create_net_data", "create_stat|tcpt_procfs_create"): 1,
    ("nf_register_net_hook", "tcpt_hook_register"): 1,
    ("misc_register", "tcptrace_init"): 1,
    ("kmalloc_trace|kmem_cache_alloc_trace", "tcpt_reader_new"): 1,
    ("__vmalloc", "tcpt_ring_init"): 2,	# the data, both positions
    ("__vmalloc", "tcpt_ring_resize"): 1,
    ("bpf_prog_create_from_user", "tcpt_reader_set_filter"): 1,
}


@case("stack dumps show a failure at every site of the module")
def every_site():
    for site, count in sorted(sites.read().items()):
        note(count, *site)
    found = {names: sites.count(*names) for names in SITES}
    equal({names: number for names, number in found.items()
           if number < SITES[names]}, {}, "too few call sites")


@case("no memory for a connection: the packet is counted, traffic continues")
def connections():
    server = listener()
    bursts = Bursts()
    with Reader(OPEN, CLOSE) as reader:
        for probability in 1, 5, 20, 50, 100:
            before = stats()
            # of the objects in these caches, only connections are allocated
            # atomically
            with failing(SLAB, cache_filter="Y", ignore_gfp_wait="Y",
                         probability=probability, verbose=0):
                for _ in range(CONNECTIONS):
                    whole_connection(server)
                bursts.send(CONNECTIONS)
            check_conserved()
            records, moved = reader.drain(), grown(before)
            note(f"{probability} %: {moved}")
            for kind, name in (OPEN, "opened"), (CLOSE, "closed"):
                equal(sum(r.type == kind for r in records),
                      moved[name], name)
            equal(bool(moved["opened"]), probability < 100, "opened")
            if probability >= 20:
                equal(moved["no_memory"] > 0, True, "counted as missed")
        before = stats()
        whole_connection(server)
        equal("no_memory" in grown(before), False, "missed later")
    server.close()


@case("no memory to unpack a connection: packets are counted, traffic goes on")
def idle():
    server = listener()
    pairs = [pair(server) for _ in range(IDLE)]
    server.close()
    for one, two in pairs:
        exchange(one, two, 1, 1)
    until(lambda: used(PACKED) >= IDLE, "packed connections", 2 * PATIENCE)
    before = stats()
    with failing(SLAB, cache_filter="Y", ignore_gfp_wait="Y", probability=100,
                 verbose=0):
        for one, two in pairs:
            exchange(one, two, 1, 1)
    check_conserved()
    equal(grown(before)["no_memory"] > IDLE, True, "counted as missed")
    before = stats()
    for one, two in pairs:
        exchange(one, two, 1, 1)
        close_both(one, two)
    moved = grown(before)
    equal((moved["closed"], "no_memory" in moved, "opened" in moved),
          (IDLE, False, False), "closed, missed, opened again")


def attempts(control, choices):
    """Make randomly chosen calls. Send the number of calls, and how many of
    them failed."""
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
    fd = task.failing(lambda: os.open(DEVICE, os.O_RDONLY | os.O_NONBLOCK))
    with Reader(fd=fd) as reader:
        reader.mask(OPEN, CLOSE)
        task.failing(lambda: reader.resize(1 << random.randrange(12, 20)))
        task.failing(lambda: reader.set_filter(PROGRAM))
        unmap(task.failing(lambda: map_pages(fd, PRODUCER, 2)), 2)
        equal(check_sequence(reader.drain()) >= 0, True, "sequence")


def read_table(task):
    task.failing(lambda: os.close(os.open(TABLE, os.O_RDONLY)))
    table()


def new_netns(task):
    if task.failing(lambda: code_of(lambda: unshare(CLONE_NEWNET))):
        raise MemoryError	# whatever the errno
    equal(table(), [], "table of the new namespace")


@case("readers, namespaces and traffic, while all kinds of allocations fail")
def all_at_once():
    traffic = Traffic()
    before = stats()
    for probability in 1, 5, 20:
        with failing(SLAB, task_filter="Y", probability=probability,
                     verbose=0), \
                failing(PAGES, task_filter="Y", probability=probability,
                        verbose=0):
            children = [Child(attempts, choices) for choices in
                        ([use_reader], [use_reader, read_table], [new_netns])]
            counts = [child.hear(64).split() for child in children]
            for child in children:
                child.end()
        note(f"{probability} %: calls and failures of each:",
             [tuple(map(int, words)) for words in counts])
        equal({int(done) for done, _ in counts}, {TURNS}, "calls")
    equal(sum(int(failed) for _, failed in counts) > 0, True, "failures")
    done, errors = traffic.end()
    equal((done > 10, errors), (True, 0), "connections of the traffic")
    check_conserved()
    moved = grown(before)
    note(moved)
    equal(moved["no_memory"], 0, "missed")


@case("insmod with random failures")
def insmod_random():
    module.unload()
    task, failed = Task(), 0
    for probability in 1, 1, 2, 5, 10, 20:
        with failing(SLAB, task_filter="Y", probability=probability,
                     verbose=0):
            try:
                task.failing(insert)
            except OSError as error:
                refused(error)
                failed += 1
        module.unload()
        check_gone()
    task.close()
    note(f"{failed} of 6 failed")


# permit all kernel messages: many of them report failed allocations
run(".*")
