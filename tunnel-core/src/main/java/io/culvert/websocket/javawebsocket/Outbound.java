package io.culvert.websocket.javawebsocket;

import io.culvert.websocket.WebSocket.Completion;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The sending half of a socket. Whoever sends also writes, on its own thread, as long as the socket
 * takes what it is given; the loop writes the rest once the socket is writable.
 *
 * <p>No limit to the queue: the port's callers bound it by counting completions. What the peer can
 * provoke is bounded here: at most one pong waits.
 */
final class Outbound {

  /** What the socket's owner hears; never called under the lock. */
  interface Owner {
    /** Sets or clears the wish to hear when the socket is writable. Called under the lock. */
    void wantWritable(boolean wanted);

    /** The last frame is with the operating system. */
    void onLastWritten();

    /** Writing failed. Everything pending has failed already. */
    void onBroken(IOException reason);
  }

  private static final class Outgoing {
    ByteBuffer bytes;
    final Completion completion;

    Outgoing(ByteBuffer bytes, Completion completion) {
      this.bytes = bytes;
      this.completion = completion;
    }
  }

  private final ReentrantLock lock = new ReentrantLock();
  private final Completions completions = new Completions();
  private final Owner owner;

  // All below is guarded by the lock.
  private final ArrayDeque<Outgoing> queue = new ArrayDeque<>();
  private Pipe pipe;

  /** The queued frame after which nothing may follow; null until there is one. */
  private Outgoing last;

  /** The queued pong, if none of it was written yet. */
  private Outgoing pong;

  /** Why nothing can be written any more; null while it can. */
  private IOException ended;

  private boolean waitsForWritable;

  Outbound(Owner owner) {
    this.owner = owner;
  }

  ReentrantLock lock() {
    return lock;
  }

  /** Called once, before anything is sent. */
  void start(Pipe pipe) {
    lock.lock();
    try {
      this.pipe = pipe;
    } finally {
      lock.unlock();
    }
    flush();
  }

  /** Sends bytes; completion may be null. */
  void send(ByteBuffer bytes, Completion completion) {
    enqueue(new Outgoing(bytes, completion), false);
  }

  /** Sends the last frame. Does nothing if there is one already, or the socket has ended. */
  boolean sendLast(ByteBuffer bytes) {
    return enqueue(new Outgoing(bytes, null), true);
  }

  private boolean enqueue(Outgoing outgoing, boolean isLast) {
    IOException broken = null;
    boolean lastWritten = false;
    boolean queued = false;
    lock.lock();
    try {
      if (ended == null && last == null) {
        queued = true;
        queue.add(outgoing);
        last = isLast ? outgoing : null;
        broken = write();
        lastWritten = broken == null && isLast && queue.isEmpty();
      } else if (outgoing.completion != null) {
        completions.add(outgoing.completion, whyNot());
      }
    } finally {
      lock.unlock();
    }
    report(broken, lastWritten);
    return queued;
  }

  private IOException whyNot() {
    return ended != null
        ? new IOException(ended.getMessage(), ended)
        : new IOException("the WebSocket is closing");
  }

  /** RFC 6455 section 5.5.3: of several unanswered pings only the latest needs an answer. */
  void sendPong(ByteBuffer bytes) {
    lock.lock();
    try {
      if (pong != null) {
        pong.bytes = bytes;
        return;
      }
      if (ended == null && last == null) {
        pong = new Outgoing(bytes, null);
        queue.add(pong);
      }
    } finally {
      lock.unlock();
    }
    flush();
  }

  /** Writes what the socket takes. */
  void flush() {
    IOException broken;
    boolean lastWritten;
    lock.lock();
    try {
      if (ended != null) {
        return;
      }
      boolean hadLast = last != null && !queue.isEmpty();
      broken = write();
      lastWritten = broken == null && hadLast && queue.isEmpty();
    } finally {
      lock.unlock();
    }
    report(broken, lastWritten);
  }

  private void report(IOException broken, boolean lastWritten) {
    completions.run();
    if (broken != null) {
      owner.onBroken(broken);
    } else if (lastWritten) {
      owner.onLastWritten();
    }
  }

  /** Fails everything pending. The first reason stays. */
  void end(IOException reason) {
    lock.lock();
    try {
      failAll(reason);
    } finally {
      lock.unlock();
    }
    completions.run();
  }

  /** Says to the peer that nothing follows; best effort. */
  void shutdown() {
    lock.lock();
    try {
      pipe.shutdownOutput();
    } catch (IOException e) {
      // The socket is broken already, and its reader learns of it.
    } finally {
      lock.unlock();
    }
  }

  private IOException write() {
    try {
      boolean drained = pipe.flush();
      while (drained && !queue.isEmpty()) {
        Outgoing head = queue.peek();
        if (head == pong) {
          pong = null;
        }
        drained = pipe.write(head.bytes);
        if (drained) {
          queue.poll();
          if (head.completion != null) {
            completions.add(head.completion, null);
          }
        }
      }
      boolean wait = !drained && pipe.blocked();
      if (wait != waitsForWritable) {
        waitsForWritable = wait;
        owner.wantWritable(wait);
      }
      return null;
    } catch (IOException e) {
      failAll(e);
      return e;
    }
  }

  private void failAll(IOException reason) {
    if (ended != null) {
      return;
    }
    ended = reason;
    pong = null;
    for (Outgoing outgoing : queue) {
      if (outgoing.completion != null) {
        completions.add(outgoing.completion, whyNot());
      }
    }
    queue.clear();
  }
}
