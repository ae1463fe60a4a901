package io.culvert.relay;

import io.culvert.connection.TunnelStream;
import io.culvert.jetty.Splice;
import io.culvert.jetty.StreamEndPoint;
import java.util.concurrent.Executor;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.util.component.ContainerLifeCycle;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.util.thread.Scheduler;

/** Passes the bytes of callers' streams on to streams of agents. Thread-safe. */
final class StreamSplices extends ContainerLifeCycle implements Bridge.Joint {
  /** They pass bytes on and wait for nothing, so a few serve any number of streams. */
  private static final int THREADS = 4;

  private final Executor executor;
  private final Scheduler scheduler;
  private final ByteBufferPool buffers;
  private final QueuedThreadPool waking = new QueuedThreadPool(THREADS, 1);

  StreamSplices(Executor executor, Scheduler scheduler, ByteBufferPool buffers) {
    this.executor = executor;
    this.scheduler = scheduler;
    this.buffers = buffers;
    waking.setName("culvert-relay-splice");
    waking.setReservedThreads(0);
    installBean(waking);
  }

  @Override
  public void join(TunnelStream caller, TunnelStream agent, Runnable onEnd) {
    Splice.between(endPoint(caller), endPoint(agent), buffers)
        .onEnd(outcome -> onEnd.run())
        .start();
  }

  private EndPoint endPoint(TunnelStream stream) {
    return new StreamEndPoint(stream, scheduler, executor, waking);
  }
}
