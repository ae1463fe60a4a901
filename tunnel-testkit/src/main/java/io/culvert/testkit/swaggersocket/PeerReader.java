package io.culvert.testkit.swaggersocket;

import io.culvert.testkit.RecordingListener;
import io.culvert.testkit.swaggersocket.Frames.Frame;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What comes from the socket. Everything, the answer to a ping included, happens while a thread
 * reads, and one thread at a time may. What has come and nobody took is kept until the test ends.
 */
final class PeerReader {
  private static final int NO_STATUS = 1005; // RFC 6455 section 7.1.5
  private static final int ABNORMAL = 1006;

  private final Socket socket;
  private final Frames frames;
  private final BlockingQueue<String> pings = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> pongs = new LinkedBlockingQueue<>();
  private final CompletableFuture<Integer> end = new CompletableFuture<>();
  private volatile boolean answerPings = true;

  /** Held by the thread that reads. */
  private final ReentrantLock reading = new ReentrantLock();

  // Guarded by reading.
  private final Queue<SwaggerMessage> messages = new ArrayDeque<>();
  private final ByteArrayOutputStream partial = new ByteArrayOutputStream();
  private int partialFrames;
  private boolean partialText;

  /** Guarded by this; waiters are notified. */
  private boolean paused;

  /** A thread reads for as long as the socket lives. */
  private volatile boolean background;

  PeerReader(Socket socket, Frames frames) {
    this.socket = socket;
    this.frames = frames;
  }

  /** From here on one thread reads until the end, and others wait for what it gets. */
  void inBackground() {
    background = true;
  }

  void answerPings(boolean answer) {
    answerPings = answer;
  }

  synchronized void pause(boolean stop) {
    paused = stop;
    notifyAll(); // the thread that reads
  }

  /** The code with which the other side closed; done when this side knows. */
  CompletableFuture<Integer> end() {
    return end;
  }

  SwaggerMessage next() throws IOException {
    lock();
    try {
      long deadline = deadline();
      while (messages.isEmpty()) {
        step(deadline);
      }
      return messages.remove();
    } finally {
      reading.unlock();
    }
  }

  String nextPing() throws IOException {
    return await(pings);
  }

  String nextPong() throws IOException {
    return await(pongs);
  }

  int waitingPongs() {
    return pongs.size();
  }

  private String await(BlockingQueue<String> queue) throws IOException {
    if (background) {
      try {
        String next = queue.poll(RecordingListener.HANG_GUARD.toSeconds(), TimeUnit.SECONDS);
        if (next == null) {
          throw new AssertionError("no ping or pong came");
        }
        return next;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError("interrupted", e);
      }
    }
    lock();
    try {
      long deadline = deadline();
      while (queue.isEmpty()) {
        step(deadline);
      }
      return queue.remove();
    } finally {
      reading.unlock();
    }
  }

  /** Waits for the end; a message that comes before it is a failure. */
  int awaitEnd() throws IOException {
    if (!background) {
      lock();
      try {
        long deadline = deadline();
        while (!end.isDone()) {
          stepTowardsEnd(deadline);
        }
      } finally {
        reading.unlock();
      }
    }
    try {
      return end.get(RecordingListener.HANG_GUARD.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    } catch (ExecutionException | TimeoutException e) {
      throw new AssertionError("the other side did not end the connection", e);
    }
  }

  private void stepTowardsEnd(long deadline) throws IOException {
    try {
      step(deadline);
    } catch (EOFException e) {
      return;
    }
    if (!messages.isEmpty()) {
      throw new AssertionError("instead of the end came " + messages.remove());
    }
  }

  private void lock() {
    if (!reading.tryLock()) {
      throw new IllegalStateException("another thread reads: gorilla allows one");
    }
  }

  private static long deadline() {
    return System.nanoTime() + RecordingListener.HANG_GUARD.toNanos();
  }

  /** The deadline is for all steps of a wait: pings that come meanwhile do not prolong it. */
  private void limit(long deadline) throws IOException {
    long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
    if (left <= 0) {
      throw new SocketTimeoutException("nothing else");
    }
    socket.setSoTimeout((int) left);
  }

  private void step(long deadline) throws IOException {
    awaitNotPaused();
    Frame frame;
    try {
      if (background) {
        socket.setSoTimeout(0);
      } else {
        limit(deadline);
      }
      frame = frames.read();
      awaitNotPaused();
    } catch (SocketTimeoutException e) {
      throw new AssertionError("nothing came within " + RecordingListener.HANG_GUARD, e);
    } catch (Frames.ProtocolError e) {
      throw e;
    } catch (IOException e) {
      throw ended(ABNORMAL);
    }
    switch (frame.opcode()) {
      case Frames.PING -> {
        pings.add(WireText.of(frame.payload()));
        if (answerPings) {
          frames.write(Frames.FIN | Frames.PONG, frame.payload());
        }
      }
      case Frames.PONG -> pongs.add(WireText.of(frame.payload()));
      case Frames.CLOSE -> {
        socket.close(); // at once, and no close frame goes back
        throw ended(closeCode(frame.payload()));
      }
      default -> data(frame);
    }
  }

  private static int closeCode(byte[] payload) {
    return payload.length < 2 ? NO_STATUS : ByteBuffer.wrap(payload).getChar();
  }

  private EOFException ended(int code) {
    end.complete(code);
    return new EOFException("the other side ended the connection: " + end.getNow(code));
  }

  private void data(Frame frame) throws IOException {
    boolean first = partialFrames == 0;
    boolean continues = frame.opcode() == Frames.CONTINUATION;
    if (first == continues || (!continues && frame.opcode() > Frames.BINARY)) {
      throw new Frames.ProtocolError(
          "frame: opcode " + frame.opcode() + " after " + partialFrames + " of a message");
    }
    if (first) {
      partialText = frame.opcode() == Frames.TEXT;
    }
    partial.write(frame.payload());
    partialFrames++;
    if (frame.fin()) {
      messages.add(
          new SwaggerMessage(partialText, WireText.of(partial.toByteArray()), partialFrames));
      partial.reset();
      partialFrames = 0;
    }
  }

  private synchronized void awaitNotPaused() throws IOException {
    while (paused && !socket.isClosed()) {
      try {
        wait(); // for pause() or wake()
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted", e);
      }
    }
  }

  /** The socket was closed by this side. */
  synchronized void wake() {
    end.complete(ABNORMAL);
    notifyAll(); // a paused thread that reads
  }
}
