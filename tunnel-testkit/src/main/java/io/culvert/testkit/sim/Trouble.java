package io.culvert.testkit.sim;

import java.util.SplittableRandom;

/** Lets the faults of a run come about, each at its time. */
final class Trouble {
  private final Scenario scenario;
  private final VirtualTime time;
  private final SplittableRandom random;
  private final Network network;
  private final Side dialer;
  private final Side acceptor;

  Trouble(
      Scenario scenario,
      VirtualTime time,
      SplittableRandom random,
      Network network,
      Side dialer,
      Side acceptor) {
    this.scenario = scenario;
    this.time = time;
    this.random = random;
    this.network = network;
    this.dialer = dialer;
    this.acceptor = acceptor;
  }

  void schedule() {
    Faults faults = scenario.faults();
    times(scenario.stalls(), this::stall);
    times(faults.cuts(), () -> socket().cut("the network broke"));
    times(faults.silences(), this::silence);
    times(faults.moves(), dialer::move);
    times(faults.copies(), network::copy);
    times(faults.pauses(), this::pause);
    times(faults.acceptorDies() ? 1 : 0, this::killAcceptor);
  }

  private void times(int count, Runnable fault) {
    for (int i = 0; i < count; i++) {
      time.at(random.nextLong(Scenario.WORK_TIME), fault);
    }
  }

  /** The newest socket of one side; they differ while one of them has not heard of the newer. */
  private SimulatedSocket socket() {
    return (random.nextBoolean() ? dialer : acceptor).driver().socket();
  }

  private void stall() {
    socket().stall(random.nextBoolean(), Scenario.stall(random));
  }

  private void silence() {
    SimulatedSocket socket = socket();
    boolean ofDialer = random.nextBoolean();
    socket.silence(ofDialer);
    if (random.nextBoolean()) {
      socket.silence(!ofDialer);
    }
  }

  private void pause() {
    Side side = random.nextBoolean() ? dialer : acceptor;
    side.pause(scenario.faults().pause(random));
  }

  private void killAcceptor() {
    network.restartAcceptor();
    acceptor.driver().socket().cut("the acceptor's process has died");
    dialer.driver().socket().cut("the acceptor's process has died");
  }
}
