import type {
  AccountsService,
  AdministrationService,
  InvitationsService,
  ProfileService,
  ProviderLoginService,
  RecoveryService,
  SecondFactorService,
  SessionsService,
} from '../domains/identity/accounts/index.js';
import type { AppointmentsService, RefundPolicy } from '../domains/clinical/appointments/index.js';
import type { EmergencyAccessService } from '../domains/clinical/emergency-access/index.js';
import type { TimelineService } from '../domains/clinical/timeline/index.js';
import type { DepartmentsService } from '../domains/network/departments/index.js';
import type { DoctorsService } from '../domains/network/doctors/index.js';
import type { HospitalsService } from '../domains/network/hospitals/index.js';
import type { OperationsService } from '../domains/exchange/operations/index.js';
import type { NotificationsService } from '../domains/messages/notifications/index.js';
import type { WebhookDeliveriesService, WebhooksService } from '../domains/messages/webhooks/index.js';
import type { ReadingService } from '../domains/identity/audit/index.js';
import type { BillingService } from '../domains/money/billing/index.js';
import type { PaymentsService } from '../domains/money/payments/index.js';
import type { AnyReport, DrilldownService, ReportsService } from '../domains/reports/engine/index.js';
import type { TargetsService } from '../domains/reports/targets/index.js';
import type { ReportLinksService } from '../domains/reports/links/index.js';
import type { DeliveriesService, SavedReportsService } from '../domains/reports/saved/index.js';
import type { WaitingListService } from '../domains/clinical/waiting-list/index.js';
import type { Clock } from '../lib/clock.js';
import type { Rendering } from '../rendering/index.js';
import type { Features } from '../lib/features.js';

/** What the pages stand on: the doors that the API's routes have. */
export interface WebDeps {
  readonly accounts: AccountsService['forActors'];
  readonly sessions: SessionsService['forActors'];
  readonly invitations: InvitationsService['forActors'];
  readonly recovery: RecoveryService['forActors'];
  readonly secondFactor: SecondFactorService['forActors'];
  readonly administration: AdministrationService['forActors'];
  readonly profile: ProfileService['forActors'];
  readonly providerLogin: ProviderLoginService['forActors'];
  readonly hospitals: HospitalsService;
  readonly departments: DepartmentsService;
  readonly doctors: DoctorsService;
  readonly appointments: AppointmentsService['forActors'];
  readonly timeline: TimelineService['forActors'];
  readonly emergencyAccess: EmergencyAccessService['forActors'];
  readonly billing: BillingService['forActors'];
  readonly payments: PaymentsService['forActors'];
  readonly notifications: NotificationsService['forActors'];
  readonly webhooks: WebhooksService['forActors'];
  readonly webhookDeliveries: WebhookDeliveriesService['forActors'];
  readonly waitingList: WaitingListService['forActors'];
  readonly reports: ReportsService['forActors'];
  readonly catalogue: readonly AnyReport[];
  readonly drills: DrilldownService['forActors'];
  readonly savedReports: SavedReportsService['forActors'];
  readonly deliveries: DeliveriesService['forActors'];
  readonly targets: TargetsService['forActors'];
  readonly reportLinks: ReportLinksService['forActors'];
  readonly operations: OperationsService['forActors'];
  readonly auditTrail: ReadingService['forActors'];
  readonly rendering: Rendering;
  readonly clock: Clock;
  readonly features: Features;
  /** What a patient who cancels gets back. */
  readonly refundPolicy: RefundPolicy;
  /** ISO 4217 */
  readonly currency: string;
  /** Whether a card can be paid with. */
  readonly takesCards: boolean;
  /** How many days ahead an appointment may be booked. */
  readonly bookingDays: number;
  /** Where this site is, for people. */
  readonly publicUrl: string;
  /** The zone of times that are of no hospital. */
  readonly timeZone: string;
  /** The zone whose days and months the reports count by. */
  readonly reportTimeZone: string;
}
