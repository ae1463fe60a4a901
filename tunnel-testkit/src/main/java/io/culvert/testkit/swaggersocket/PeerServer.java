package io.culvert.testkit.swaggersocket;

import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Serves the requests that come: one thread reads, so that pings are answered and the end is seen
 * while a handler is at work, and one thread runs handlers.
 */
final class PeerServer {
  /** Sends a message. */
  interface Out {
    void accept(String content) throws IOException;
  }

  private final PeerReader reader;
  private final Out out;
  private final SwaggerPeer.Handler handler;
  private final Thread thread = new Thread(this::read, "culvert-swagger-peer-serve");
  private final ExecutorService handling =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread worker = new Thread(task, "culvert-swagger-peer-handle");
            worker.setDaemon(true);
            return worker;
          });

  /** Requests whose response is not complete. */
  private final AtomicInteger running = new AtomicInteger();

  /** Guarded by itself. */
  private final List<Throwable> problems = new ArrayList<>();

  PeerServer(PeerReader reader, Out out, SwaggerPeer.Handler handler) {
    this.reader = reader;
    this.out = out;
    this.handler = handler;
    thread.setDaemon(true);
  }

  void start() {
    reader.inBackground();
    thread.start();
  }

  List<Throwable> problems() {
    synchronized (problems) {
      return List.copyOf(problems);
    }
  }

  private void problem(Throwable what) {
    synchronized (problems) {
      problems.add(what);
    }
  }

  private void read() {
    try {
      while (true) {
        SwaggerMessage message = reader.next();
        ReceivedRequest request = ReceivedRequest.parse(message.content());
        if (running.getAndIncrement() > 0) {
          // There the running response ends in the middle and its caller waits in vain.
          problem(new AssertionError("this request came during another: " + message));
        }
        handling.execute(() -> handle(request));
      }
    } catch (EOFException e) {
      if (!reader.end().isDone()) {
        problem(e); // a request that ends in the middle
      }
    } catch (IOException | RuntimeException e) {
      problem(e);
    }
  }

  private void handle(ReceivedRequest request) {
    AtomicBoolean completed = new AtomicBoolean();
    GoResponse response =
        new GoResponse(
            request,
            (content, complete) -> {
              if (complete && completed.compareAndSet(false, true)) {
                running.decrementAndGet(); // before the other side can know
              }
              out.accept(content);
            });
    try {
      handler.handle(request, response);
      response.finish();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      if (!reader.end().isDone()) {
        problem(e);
      }
    } catch (RuntimeException | AssertionError e) {
      problem(e);
    }
  }

  /** The socket is closed: ends both threads, unless one of them is the caller. */
  void end() throws InterruptedException {
    handling.shutdownNow();
    String caller = Thread.currentThread().getName();
    if (!caller.startsWith("culvert-swagger-peer")) {
      thread.join();
      if (!handling.awaitTermination(30, TimeUnit.SECONDS)) {
        throw new AssertionError("a handler does not return");
      }
    }
  }
}
