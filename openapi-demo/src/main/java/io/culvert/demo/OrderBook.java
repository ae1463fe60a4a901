package io.culvert.demo;

import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The open orders, in memory and bounded. Thread-safe. The status of its pet decides whether an
 * order is possible.
 */
final class OrderBook {
  /** What callers decide about an order; {@code note} may be null. */
  record OrderData(long petId, String customer, String note) {}

  /** An order in the shape of the document; {@code note} may be null. */
  record StoredOrder(long id, long petId, String customer, String note, Instant placedAt) {}

  private final Limits limits;
  private final Clock clock;
  private final PetStore pets;
  private final ConcurrentNavigableMap<Long, StoredOrder> orders = new ConcurrentSkipListMap<>();
  private final AtomicLong lastId = new AtomicLong();
  private final Semaphore room;

  OrderBook(Limits limits, Clock clock, PetStore pets) {
    this.limits = limits;
    this.clock = clock;
    this.pets = pets;
    this.room = new Semaphore(limits.maxOrders());
  }

  /**
   * The order.
   *
   * @throws ProblemException 404 if there is none
   */
  StoredOrder get(long id) {
    StoredOrder order = orders.get(id);
    if (order == null) {
      throw Problem.notFound("order", id);
    }
    return order;
  }

  /** The orders for one pet, or all if {@code petId} is null, oldest first. */
  List<StoredOrder> list(Long petId) {
    return orders.values().stream()
        .filter(order -> petId == null || order.petId() == petId)
        .toList();
  }

  /**
   * Orders a pet, which becomes pending.
   *
   * @throws ProblemException 404 if there is no such pet, 409 if it is not available, 507 if the
   *     book is full
   */
  StoredOrder place(OrderData data) {
    if (!room.tryAcquire()) {
      throw Problem.full("maxOrders", limits.maxOrders());
    }
    boolean placed = false;
    try {
      pets.update(data.petId(), null, pet -> reserve(data.petId(), pet));
      Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
      StoredOrder order =
          new StoredOrder(
              lastId.incrementAndGet(), data.petId(), data.customer(), data.note(), now);
      orders.put(order.id(), order);
      placed = true;
      return order;
    } finally {
      if (!placed) {
        room.release();
      }
    }
  }

  /**
   * Removes an order; its pet, if it is still there and still pending, becomes available.
   *
   * @throws ProblemException 404 if there is no such order
   */
  void cancel(long id) {
    StoredOrder order = orders.remove(id);
    if (order == null) {
      throw Problem.notFound("order", id);
    }
    room.release();
    try {
      pets.update(order.petId(), null, OrderBook::release);
    } catch (ProblemException e) {
      // The pet was deleted meanwhile or was never pending again: there is nothing to release.
      if (e.problem().status() != 404 && e.problem().status() != 409) {
        throw e;
      }
    }
  }

  private static PetData reserve(long petId, PetData pet) {
    if (pet.status() != PetStatus.AVAILABLE) {
      throw Problem.refuse(409, "Pet not available", "Pet " + petId + " is not available.");
    }
    return pet.withStatus(PetStatus.PENDING);
  }

  private static PetData release(PetData pet) {
    if (pet.status() != PetStatus.PENDING) {
      throw Problem.refuse(409, "Pet not pending", "The pet is not pending.");
    }
    return pet.withStatus(PetStatus.AVAILABLE);
  }
}
