package io.culvert.okhttp;

import io.culvert.connection.Delivered;
import io.culvert.connection.TunnelException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import okhttp3.Interceptor;
import okhttp3.Request;
import okhttp3.Response;

/** Sends one call, again if the policy says so. Used by the call's thread. */
final class Attempts {
  private final RetryPolicy policy;
  private final CallListener listener;

  /** The failures that were followed by another attempt. */
  private final List<TunnelException> earlier = new ArrayList<>();

  Attempts(RetryPolicy policy, CallListener listener) {
    this.policy = policy;
    this.listener = listener;
  }

  Response proceed(Interceptor.Chain chain, Request request) throws IOException {
    while (true) {
      try {
        return chain.proceed(request);
      } catch (IOException e) {
        IOException failure = listener.delivery().explain(e, chain.call().isCanceled());
        if (!(failure instanceof TunnelException lost)
            || !policy.allows(request, lost, earlier.size() + 1)) {
          throw last(failure);
        }
        earlier.add(lost);
      }
      awaitTurn(chain);
      listener.delivery().repeat();
    }
  }

  private void awaitTurn(Interceptor.Chain chain) throws IOException {
    long delay = policy.delayNanos(earlier.size(), ThreadLocalRandom.current());
    try {
      // The call may have been cancelled before anybody listened.
      if (chain.call().isCanceled() || listener.awaitCancelled(delay)) {
        throw last(new IOException("Canceled"));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw last(new InterruptedIOException("interrupted while waiting to repeat the call"));
    }
  }

  /** What the call fails with, after all that came before. */
  private IOException last(IOException failure) {
    IOException last = failure;
    boolean mayHaveArrived = earlier.stream().anyMatch(e -> e.delivered() != Delivered.NO);
    if (mayHaveArrived
        && failure instanceof TunnelException lost
        && lost.delivered() == Delivered.NO) {
      // This attempt did not arrive, but the call is all of them.
      last = new TunnelException(lost.code(), Delivered.UNKNOWN, lost.reason(), lost);
    }
    earlier.forEach(last::addSuppressed);
    return last;
  }
}
