"""What Python's multiprocessing does: bench.py NAME COUNT SAMPLES prints its figures as a JSON array, after one run that is thrown away."""
import json
import multiprocessing as mp
import sys
import time


def pairs(lock, count):
    for _ in range(count):
        lock.acquire()
        lock.release()


def with_pairs(lock, count):
    for _ in range(count):
        with lock:
            pass


def lock_ns(count):
    lock = mp.Lock()
    start = time.perf_counter()
    pairs(lock, count)
    return (time.perf_counter() - start) / count * 1e9


def contend(form, lock, barrier, count):
    barrier.wait()
    form(lock, count)
    barrier.wait()


def contended_ns(form, count):
    lock, barrier = mp.Lock(), mp.Barrier(3)
    two = [mp.Process(target=contend, args=(form, lock, barrier, count)) for _ in range(2)]
    for one in two:
        one.start()
    barrier.wait()
    start = time.perf_counter()
    barrier.wait()
    taken = time.perf_counter() - start
    for one in two:
        one.join()
    return taken / (2 * count) * 1e9


def put_all(queue, barrier, count):
    barrier.wait()
    for n in range(count):
        queue.put(n & 1023)


def queue_per_second(count):
    queue, barrier = mp.Queue(), mp.Barrier(2)
    producer = mp.Process(target=put_all, args=(queue, barrier, count))
    producer.start()
    barrier.wait()
    start = time.perf_counter()
    for _ in range(count):
        queue.get()
    taken = time.perf_counter() - start
    producer.join()
    return count / taken


BENCHMARKS = {
    "lock": lock_ns,
    "contended": lambda count: contended_ns(pairs, count),
    "contended-with": lambda count: contended_ns(with_pairs, count),
    "queue": queue_per_second,
}

if __name__ == "__main__":
    run, count, samples = BENCHMARKS[sys.argv[1]], int(sys.argv[2]), int(sys.argv[3])
    run(count)
    print(json.dumps([run(count) for _ in range(samples)]))
