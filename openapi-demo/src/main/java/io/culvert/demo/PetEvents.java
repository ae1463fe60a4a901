package io.culvert.demo;

import com.google.gson.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The feed of changes: numbers the events, keeps a bounded history of them and hands them to every
 * reader. Thread-safe; it has no thread of its own.
 */
final class PetEvents {
  /** What happened to a pet. */
  enum Type {
    CREATED("created"),
    UPDATED("updated"),
    PHOTO("photo"),
    DELETED("deleted");

    private final String text;

    Type(String text) {
      this.text = text;
    }
  }

  private final Limits limits;

  /**
   * Guards the fields below. Taken after the lock of {@link PetStore}, before that of an {@link
   * EventReader}.
   */
  private final ReentrantLock lock = new ReentrantLock();

  private final Set<EventReader> readers = new HashSet<>();
  private final Deque<Event> history = new ArrayDeque<>();
  private int historyBytes;
  private long lastId;
  private boolean closed;

  /** An event as it is written. Readers share the frame and nobody changes it. */
  private static final class Event {
    final long id;
    final byte[] frame;

    Event(long id, byte[] frame) {
      this.id = id;
      this.frame = frame;
    }
  }

  PetEvents(Limits limits) {
    this.limits = limits;
  }

  /** How many readers follow the feed. */
  int readers() {
    lock.lock();
    try {
      return readers.size();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Adds a reader. It misses nothing that is appended afterwards.
   *
   * @param lastSeen the id of the event after which the reader begins, or null to begin now
   * @param maxEvents after how many events the reader's feed ends
   * @throws ProblemException 503 if there are too many readers or the feed is closed
   */
  EventReader open(Long lastSeen, long maxEvents) {
    lock.lock();
    try {
      if (closed) {
        throw Problem.refuse(503, "Stopping", "The service is stopping.");
      }
      if (readers.size() >= limits.maxReaders()) {
        throw Problem.limited(503, "Too many readers", "maxReaders", limits.maxReaders());
      }
      EventReader reader = new EventReader(limits.maxReaderBytes(), maxEvents, this::remove);
      if (lastSeen != null) {
        history.stream().filter(e -> e.id > lastSeen).forEach(e -> reader.offer(e.frame));
      }
      readers.add(reader);
      return reader;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Gives the event its place in the feed. Does no I/O: the caller calls {@link #deliver} once it
   * holds no lock.
   */
  void append(Type type, StoredPet pet, Instant at) {
    lock.lock();
    try {
      Event event = new Event(++lastId, frame(lastId, type, pet, at));
      history.add(event);
      historyBytes += event.frame.length;
      while (historyBytes > limits.maxHistoryBytes()) {
        historyBytes -= history.remove().frame.length;
      }
      readers.forEach(reader -> reader.offer(event.frame));
    } finally {
      lock.unlock();
    }
  }

  /** Writes what readers can take now, without ever waiting for one. */
  void deliver() {
    snapshot().forEach(EventReader::drain);
  }

  /**
   * Ends the feed of every reader once it has what was appended. Nobody can join afterwards.
   * Idempotent.
   */
  void close() {
    lock.lock();
    try {
      closed = true;
    } finally {
      lock.unlock();
    }
    for (EventReader reader : snapshot()) {
      reader.end();
      reader.drain();
    }
  }

  private void remove(EventReader reader) {
    lock.lock();
    try {
      readers.remove(reader);
    } finally {
      lock.unlock();
    }
  }

  private List<EventReader> snapshot() {
    lock.lock();
    try {
      return new ArrayList<>(readers);
    } finally {
      lock.unlock();
    }
  }

  private static byte[] frame(long id, Type type, StoredPet pet, Instant at) {
    JsonObject data = new JsonObject();
    data.addProperty("id", id);
    data.addProperty("type", type.text);
    data.addProperty("petId", pet.id());
    data.addProperty("at", at.toString());
    if (type != Type.DELETED) {
      data.add("pet", pet.toJson());
    }
    String frame = "id: " + id + "\nevent: " + type.text + "\ndata: " + Json.GSON.toJson(data);
    return (frame + "\n\n").getBytes(StandardCharsets.UTF_8);
  }
}
