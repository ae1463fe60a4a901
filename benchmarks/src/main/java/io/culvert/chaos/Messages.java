package io.culvert.chaos;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;

/** A WebSocket of the application: numbered messages go out, and each comes back. */
final class Messages extends WebSocketListener {
  /** Messages under way, so that OkHttp's queue, which is bounded by bytes, never overflows. */
  private static final int MAX_OUTSTANDING = 2_000;

  private final Tally tally;
  private final Tally.Sequence sequence;
  private final int count;
  private final Semaphore mayBeSent = new Semaphore(MAX_OUTSTANDING);

  /** Completed at the end. */
  private final CompletableFuture<Void> over = new CompletableFuture<>();

  /** Only of the reading thread. */
  private int received;

  private Messages(Tally tally, int count) {
    this.tally = tally;
    this.sequence = tally.new Sequence();
    this.count = count;
  }

  /** Sends them all and waits for the last to come back. */
  static void exchange(Calls calls, Tally tally, int count, Duration time)
      throws IOException, InterruptedException {
    Messages messages = new Messages(tally, count);
    Request request = new Request.Builder().url(calls.url("socket").build()).build();
    WebSocket socket = calls.http().newWebSocket(request, messages);
    try {
      messages.send(socket, new Pace(count, time));
      messages.over.get();
    } catch (ExecutionException e) {
      throw new IOException("the WebSocket of the application has failed", e.getCause());
    } finally {
      messages.sequence.ended(count);
      socket.cancel();
    }
  }

  private void send(WebSocket socket, Pace pace) throws InterruptedException {
    for (int i = 0; i < count && !over.isDone(); i++) {
      pace.await(i);
      mayBeSent.acquire();
      tally.sent.incrementAndGet();
      socket.send(Numbered.text(i)); // what is not taken is found missing
    }
  }

  @Override
  public void onMessage(WebSocket socket, String text) {
    sequence.came(Numbered.number(text));
    mayBeSent.release();
    if (++received == count) {
      socket.close(1000, null);
    }
  }

  @Override
  public void onClosing(WebSocket socket, int code, String reason) {
    socket.close(1000, null);
  }

  @Override
  public void onClosed(WebSocket socket, int code, String reason) {
    over.complete(null);
  }

  @Override
  public void onFailure(WebSocket socket, Throwable failure, Response response) {
    mayBeSent.release(count); // the sender shall see that it is over
    over.completeExceptionally(failure);
  }
}
