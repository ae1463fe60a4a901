package io.culvert.demo;

import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * The pets and their photos, in memory and bounded. Thread-safe.
 *
 * <p>Reads take no lock and see each pet as it was after one change. Changes are made one after the
 * other and appear in {@link PetEvents} in the same order.
 */
final class PetStore {
  private final Limits limits;
  private final Clock clock;
  private final PetEvents events;
  private final ConcurrentNavigableMap<Long, StoredPet> pets = new ConcurrentSkipListMap<>();

  /** Held for every change; guards the fields below. Taken before the lock of {@link PetEvents}. */
  private final ReentrantLock lock = new ReentrantLock();

  private long lastId;
  private long photoBytes;

  PetStore(Limits limits, Clock clock, PetEvents events) {
    this.limits = limits;
    this.clock = clock;
    this.events = events;
  }

  int size() {
    return pets.size();
  }

  /**
   * The pet.
   *
   * @throws ProblemException 404 if there is none
   */
  StoredPet get(long id) {
    StoredPet pet = pets.get(id);
    if (pet == null) {
      throw Problem.notFound("pet", id);
    }
    return pet;
  }

  /**
   * At most {@code limit} pets that pass the filter and have an id above {@code after}, in the
   * order of their ids.
   */
  List<StoredPet> list(long after, int limit, Predicate<StoredPet> filter) {
    return pets.tailMap(after, false).values().stream().filter(filter).limit(limit).toList();
  }

  long count(PetStatus status) {
    return pets.values().stream().filter(pet -> pet.data().status() == status).count();
  }

  /**
   * Adds a pet.
   *
   * @throws ProblemException 507 if the store is full
   */
  StoredPet create(PetData data) {
    return locked(
        () -> {
          if (pets.size() >= limits.maxPets()) {
            throw Problem.full("maxPets", limits.maxPets());
          }
          Instant now = now();
          StoredPet pet = new StoredPet(++lastId, 1, data, null, now, now);
          pets.put(pet.id(), pet);
          events.append(PetEvents.Type.CREATED, pet, now);
          return pet;
        });
  }

  /**
   * Changes what callers decide about a pet. The function runs under the lock of the store, so it
   * must be short; what it throws leaves the pet as it was.
   *
   * @param ifMatch the {@code If-Match} of the request, or null
   * @throws ProblemException 404 if there is no such pet, 412 if {@code ifMatch} is not met
   */
  StoredPet update(long id, String ifMatch, UnaryOperator<PetData> change) {
    return locked(
        () -> {
          StoredPet pet = get(id);
          EntityTags.requireMatch(ifMatch, pet.etag());
          Instant now = now();
          StoredPet changed = pet.with(change.apply(pet.data()), now);
          pets.put(id, changed);
          events.append(PetEvents.Type.UPDATED, changed, now);
          return changed;
        });
  }

  /**
   * Sets the photo of a pet, or removes it with null.
   *
   * @throws ProblemException 404 if there is no such pet, 507 if the photos would need too much
   *     memory
   */
  StoredPet setPhoto(long id, StoredPhoto photo) {
    return locked(
        () -> {
          StoredPet pet = get(id);
          Instant now = now();
          StoredPet changed = pet.with(photo, now);
          long total = photoBytes - pet.photoBytes() + changed.photoBytes();
          if (total > limits.maxTotalPhotoBytes()) {
            throw Problem.full("maxTotalPhotoBytes", limits.maxTotalPhotoBytes());
          }
          photoBytes = total;
          pets.put(id, changed);
          events.append(PetEvents.Type.PHOTO, changed, now);
          return changed;
        });
  }

  /**
   * Removes a pet and its photo.
   *
   * @throws ProblemException 404 if there is no such pet, 412 if {@code ifMatch} is not met
   */
  StoredPet delete(long id, String ifMatch) {
    return locked(
        () -> {
          StoredPet pet = get(id);
          EntityTags.requireMatch(ifMatch, pet.etag());
          pets.remove(id);
          photoBytes -= pet.photoBytes();
          events.append(PetEvents.Type.DELETED, pet, now());
          return pet;
        });
  }

  private StoredPet locked(Supplier<StoredPet> change) {
    StoredPet result;
    lock.lock();
    try {
      result = change.get();
    } finally {
      lock.unlock();
    }
    // Writing to readers is I/O, so it happens outside the lock; append has fixed the order.
    events.deliver();
    return result;
  }

  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MILLIS);
  }
}
